"""Rooms for programs, and what forms do with them."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.audit import Actor
from service.access.guards import Changing, MakingDirect, MakingRoom, SignedIn
from service.access.identity import Identity
from service.base import lanes, parts
from service.base.errors import Invalid
from service.data.emptying import Emptying
from service.live.wakes import Told
from service.rooms import altering, choosing, making, naming, pages, rooms, shown
from service.rooms.making import KINDS
from service.rooms.rooms import RoomView, Slug
from service.web import render
from service.web.forms import SEVERAL, Fields, Submitted, documented

router = APIRouter()
API = "/api/rooms/{slug}"
NONE = (404, "There is no such room, or not for you.")
DONE = (
    (200, "Done (htmx and programs)."),
    (303, "Done; back to the room's details (a browser's form)."),
    (403, "Not for you in this room."),
    NONE,
    (409, "The first room, a direct message, or an archived room does not change so."),
)
NAME = (True, f"1-{naming.MAX_NAME} characters; of open rooms no two are called alike")
TOPIC = f"What it is about: 0-{naming.MAX_TOPIC} characters"


@router.get("/api/rooms", summary="Rooms", openapi_extra=documented((200, "Those that you see.")))
@lanes.on("reads")
def list_rooms(request: Request, me: SignedIn) -> Response:
    """Return all rooms that you see, open ones that you are not in too, and direct messages."""
    return JSONResponse({"rooms": [shown.as_json(each) for each in rooms.listed(me)]})


@router.post(
    "/api/rooms",
    summary="Make a room",
    status_code=201,
    openapi_extra=documented(
        (201, "Made, with you in it."),
        (303, "Made; on to its page (a browser's form)."),
        (403, "Your role or an option does not allow that."),
        (422, "A field can't be taken as it is, or an open room has that name."),
        name=NAME,
        kind=(False, "open, unless said otherwise, or private", {"enum": list(KINDS)}),
        topic=(False, TOPIC),
    ),
)
@lanes.on("writes")
def make_room(request: Request, me: MakingRoom, fields: Submitted) -> Response:
    """Make an open or a private room, and be in it."""
    try:
        kind = fields["kind"] or "open"
        room = making.make(me, audit.actor(request, me), fields["name"], kind, fields["topic"])
    except Invalid as failure:
        page = partial(pages.make_room, request, failure, fields)
        return pages.refused(request, failure, page)
    return _made(request, room)


@router.post(
    "/api/direct",
    summary="Begin a direct message",
    status_code=201,
    openapi_extra=documented(
        (201, "The direct message with these people: made now, or before."),
        (303, "On to its page (a browser's form)."),
        (422, "Nobody, too many, or somebody who is not here."),
        to=(True, f"Usernames of 1-{making.MOST - 1} others", SEVERAL),
    ),
)
@lanes.on("writes")
def begin_direct(request: Request, me: MakingDirect, fields: Submitted) -> Response:
    """Return the one direct message with some people; it is made if there is none yet."""
    try:
        room = making.direct(me, choosing.named(fields["to"]))
    except Invalid as failure:
        chosen = [each for each in fields["to"].split("\n") if each]
        page = partial(pages.choose, request, me, "", chosen, failure)
        return pages.refused(request, failure, page)
    return _made(request, room)


@router.get(API, summary="A room", openapi_extra=documented((200, "It as you see it."), NONE))
@lanes.on("reads")
def one_room(request: Request, me: SignedIn, slug: Slug) -> Response:
    """Return a room."""
    return JSONResponse(shown.as_json(rooms.find(me, slug)))


@router.post(
    f"{API}/name",
    summary="Rename a room",
    openapi_extra=documented(*DONE, (422, "It is none, or another's."), name=NAME),
)
@lanes.on("writes")
def rename(request: Request, me: Changing, slug: Slug, fields: Submitted) -> Response:
    """Give a room that you are in another name."""
    act = partial(altering.rename, name=fields["name"])
    return changed(request, me, slug, act, "name", fields)


@router.post(
    f"{API}/topic",
    summary="Set a room's topic",
    openapi_extra=documented(*DONE, (422, "It is too long."), topic=(False, TOPIC)),
)
@lanes.on("writes")
def set_topic(request: Request, me: Changing, slug: Slug, fields: Submitted) -> Response:
    """Say what a room that you are in is about; nothing takes the topic away."""
    act = partial(altering.set_topic, topic=fields["topic"])
    return changed(request, me, slug, act, "topic", fields)


@router.post(f"{API}/private", summary="Make a room private", openapi_extra=documented(*DONE))
@lanes.on("writes")
def make_private(request: Request, me: Changing, slug: Slug) -> Response:
    """Let nobody but its members see an open room any more. There is no way back."""
    return changed(request, me, slug, altering.make_private, "private")


@router.post(f"{API}/archive", summary="Archive a room", openapi_extra=documented(*DONE))
@lanes.on("writes")
def archive(request: Request, me: Changing, slug: Slug) -> Response:
    """Let a room be read only."""
    return changed(request, me, slug, altering.archive, "archived")


@router.post(
    f"{API}/archive/end", summary="Bring an archived room back", openapi_extra=documented(*DONE)
)
@lanes.on("writes")
def bring_back(request: Request, me: Changing, slug: Slug) -> Response:
    """Let an archived room be written in again."""
    return changed(request, me, slug, altering.bring_back, "brought_back")


@router.post(f"{API}/deletion", summary="Delete a room", openapi_extra=documented(*DONE))
@lanes.on("writes")
def delete(request: Request, me: Changing, slug: Slug) -> Response:
    """Delete a room with all that was written in it. It can't be undone."""
    altering.delete(me, audit.actor(request, me), slug)
    parts.of(request, Told).tell()
    parts.of(request, Emptying).begin()
    return render.done(request, "/msgs", {"deleted": slug})


def changed(
    request: Request,
    me: Identity,
    slug: str,
    act: Callable[[Identity, Actor, str], object],
    done: str,
    fields: Fields | None = None,
) -> Response:
    """Do something with a room, and answer with the room; with the form what can't be taken."""
    try:
        act(me, audit.actor(request, me), slug)
    except Invalid as failure:
        page = partial(pages.details, request, me, slug, failure, fields)
        return pages.refused(request, failure, page)
    parts.of(request, Told).tell()
    room = rooms.find(me, slug)
    return render.done(request, f"/rooms/{slug}/details?done={done}", shown.as_json(room))


def _made(request: Request, room: RoomView) -> Response:
    parts.of(request, Told).tell()
    return render.answer(
        request,
        page=partial(render.redirect, request, room.place.page),
        program=partial(JSONResponse, shown.as_json(room), 201),
    )
