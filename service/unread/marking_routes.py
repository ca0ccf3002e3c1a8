"""Marks that people set: what was shown to them is read, from a message on all is unread."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access.guards import Marking, SignedIn
from service.access.identity import Identity
from service.base import lanes, numbers, parts
from service.base.errors import Invalid
from service.live.wakes import Told
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.unread import rail
from service.unread.marks import Marks
from service.web import render
from service.web.forms import NUMBER, Submitted, documented
from service.web.ids import Id

router = APIRouter()


ANSWERS = (
    (200, "So it is; for htmx the rail as it is now."),
    (303, "So it is; back to the room (a browser's form)."),
    (401, "Not signed in."),
    (404, "No such room."),
)


@routing.post(
    router,
    "/read",
    summary="Mark a room as read",
    openapi_extra=documented(
        *ANSWERS,
        (422, "The number is missing, or none."),
        number=(True, "The id of the newest message that was shown", NUMBER),
    ),
)
@lanes.on("reads")
def read(request: Request, me: SignedIn, slug: InRoom, fields: Submitted) -> Response:
    """Say how far a room was read, by the one who asks: it only rises, and nobody else is told."""
    number = numbers.of(fields["number"])
    if number is None:
        raise Invalid(number="number must be the number of a message.")
    parts.of(request, Marks).read(me, slug, number)
    return _done(request, me, slug)


@routing.post(
    router,
    "/message/{message_id}/unread",
    summary="Mark a room as unread from a message on",
    openapi_extra=documented(*ANSWERS),
)
@lanes.on("writes")
def unread(request: Request, me: Marking, slug: InRoom, message_id: Id) -> Response:
    """Let a room be unread from a message on, which is to be read again."""
    parts.of(request, Marks).unread(me, slug, message_id)
    return _done(request, me, slug)


def _done(request: Request, me: Identity, slug: str) -> Response:
    page = rooms.find(me, slug).place.page
    parts.of(request, Told).hint(me.user_id)  # for what else they have open
    known = parts.of(request, rail.Rails).read(me)
    parts.put(request, known)
    return render.answer(
        request,
        page=partial(render.redirect, request, page),
        fragment=lambda: HTMLResponse(rail.around(request, me, page).html),
        program=partial(JSONResponse, rail.json((*known.rail.rooms, *known.rail.directs))),
    )
