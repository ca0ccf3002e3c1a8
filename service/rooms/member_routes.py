"""Who is in a room: for programs, and what forms do."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.audit import Actor
from service.access.guards import Changing, Joining, SignedIn
from service.access.identity import Identity
from service.base import lanes, parts
from service.data.emptying import Emptying
from service.live.wakes import Told
from service.rooms import choosing, memberships, shown
from service.rooms.memberships import LEVELS, MOST_ADDED
from service.rooms.rooms import Slug
from service.rooms.routes import API, DONE, NONE, changed
from service.web import render
from service.web.forms import SEVERAL, Submitted, documented

router = APIRouter()


@router.get(
    f"{API}/members", summary="Members of a room", openapi_extra=documented((200, "By name."), NONE)
)
@lanes.on("reads")
def members(request: Request, me: SignedIn, slug: Slug) -> Response:
    """Return who is in a room, but whom the board keeps out."""
    inside = memberships.inside(me, slug)
    return JSONResponse({"members": [shown.inside_as_json(each) for each in inside]})


@router.post(
    f"{API}/members",
    summary="Add people to a room",
    openapi_extra=documented(
        *DONE,
        (422, "Nobody, too many, or somebody who is not here."),
        to=(True, f"Their usernames, {MOST_ADDED} at most", SEVERAL),
    ),
)
@lanes.on("writes")
def add(request: Request, me: Changing, slug: Slug, fields: Submitted) -> Response:
    """Bring others into a room that you are in. They see all that was written there before."""

    def act(me: Identity, by: Actor, slug: str) -> None:
        memberships.add(me, by, slug, choosing.named(fields["to"]))

    return changed(request, me, slug, act, "added", fields)


@router.post(
    f"{API}/members/end",
    summary="Remove somebody from a room",
    openapi_extra=documented(
        *DONE, (422, "They are not in the room."), username=(True, "Whose membership ends")
    ),
)
@lanes.on("writes")
def remove(request: Request, me: Changing, slug: Slug, fields: Submitted) -> Response:
    """Take somebody out of a room."""

    def act(me: Identity, by: Actor, slug: str) -> None:
        memberships.remove(me, by, slug, choosing.one(fields["username"]))

    return changed(request, me, slug, act, "removed", fields)


@router.post(f"{API}/membership", summary="Join a room", openapi_extra=documented(*DONE))
@lanes.on("writes")
def join(request: Request, me: Joining, slug: Slug) -> Response:
    """Come into an open room: it stands among your rooms then, and you are told of what is new."""
    room = memberships.join(me, audit.actor(request, me), slug)
    parts.of(request, Told).tell()
    return render.done(request, room.place.page, shown.as_json(room))


@router.post(f"{API}/membership/end", summary="Leave a room", openapi_extra=documented(*DONE))
@lanes.on("writes")
def leave(request: Request, me: Joining, slug: Slug) -> Response:
    """Leave a room. A private one that nobody is left in is deleted."""
    deleted = memberships.leave(me, audit.actor(request, me), slug)
    parts.of(request, Told).tell()
    if deleted:
        parts.of(request, Emptying).begin()
    return render.done(request, "/msgs", {"left": slug, "deleted": deleted})


@router.post(
    f"{API}/level",
    summary="Say what you want to be told of in a room",
    openapi_extra=documented(
        *DONE,
        (422, "There is no such level."),
        level=(True, f"One of {', '.join(LEVELS)}", {"enum": list(LEVELS)}),
    ),
)
@lanes.on("writes")
def set_level(request: Request, me: Joining, slug: Slug, fields: Submitted) -> Response:
    """Say what you want to be told of in a room that you are in."""
    act = partial(memberships.set_level, level=fields["level"])
    return changed(request, me, slug, act, "level", fields)
