"""Pins: pin a message, take its pin away, and the pins of a room."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Changing, SignedIn
from service.base import lanes
from service.messages import pages, shown
from service.messages.messages import MessageView
from service.pins import pins
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web import render
from service.web.forms import documented
from service.web.ids import Id

router = APIRouter()
ANSWERS = (
    (303, "Done; back to the message (a browser's form)."),
    (404, "No such message."),
    (429, "Too many changes; see Retry-After."),
)


@routing.post(
    router,
    "/message/{message_id}/pin",
    summary="Pin a message",
    openapi_extra=documented(
        (200, "It is pinned, now or before."),
        *ANSWERS,
        (409, f"The room is archived, or has {pins.MOST} pinned messages."),
    ),
)
@lanes.on("writes")
def pin(request: Request, me: Changing, slug: InRoom, message_id: Id) -> Response:
    """Pin a message for everybody in the room; one that is pinned stays as it is."""
    return pages.anew(request, me, pins.pin(me, message_id, rooms.find(me, slug).place.id))


@routing.post(
    router,
    "/message/{message_id}/pin/removal",
    summary="Take a pin away",
    openapi_extra=documented(
        (200, "It is not pinned any more."), *ANSWERS, (409, "The room is archived.")
    ),
)
@lanes.on("writes")
def unpin(request: Request, me: Changing, slug: InRoom, message_id: Id) -> Response:
    """Take the pin of a message away, if it has one."""
    return pages.anew(request, me, pins.unpin(me, message_id, rooms.find(me, slug).place.id))


@routing.page(
    router,
    "/pins",
    summary="The pinned messages of a room",
    openapi_extra=documented((200, "The room's page, with its pinned messages beside the others.")),
)
@lanes.on("reads")
def show_pins(request: Request, me: SignedIn, slug: InRoom) -> Response:
    """Return a room's page with its pinned messages beside it, the one pinned last first."""
    room = rooms.find(me, slug)
    here = {"room": room, "place": room.place, "zone": me.clock}

    def find() -> dict[str, Any]:
        return {"pins": pins.of_room(me, room.place.id)}

    return render.answer(
        request,
        page=partial(pages.beside, request, me, room, "pins/pins.html", find),
        fragment=lambda: render.html(request, "pins/_pins.html", **here, **find()),
        program=lambda: _listed(pins.of_room(me, room.place.id)),
    )


@routing.get(
    router,
    "/pins",
    summary="List the pinned messages of a room",
    openapi_extra=documented((200, "All of them, the one pinned last first.")),
)
@lanes.on("reads")
def list_pins(request: Request, me: SignedIn, slug: InRoom) -> Response:
    """Return a room's pinned messages, each as in a list, with `pinned`: `by` whom, and `at`."""
    return _listed(pins.of_room(me, rooms.find(me, slug).place.id))


def _listed(found: list[MessageView]) -> Response:
    return JSONResponse({"messages": [shown.as_json(message) for message in found]})
