"""Links to messages: to one by its number, to the first one of a day."""

import datetime as dt
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from service.access.guards import SignedIn
from service.access.identity import Identity
from service.base import clock, lanes
from service.base.errors import Invalid
from service.messages import around, messages, shown
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web import render
from service.web.forms import documented
from service.web.ids import Id

router = APIRouter()
Day = Annotated[str, Query(description="A day, such as 2026-11-29")]


@routing.page(
    router,
    "/day",
    summary="A link to a day",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the first message of that day, or after it.")),
)
@lanes.on("reads")
def go_to_day(request: Request, me: SignedIn, slug: InRoom, on: Day = "") -> Response:
    """Send the browser on to where a day of the reader's zone begins."""
    place = rooms.find(me, slug).place
    spot = around.first_since(me, _start(on, me.zone), place)
    return render.redirect(request, spot.path if spot else f"{place.page}#end")


def _start(day: str, zone: str) -> dt.datetime:
    """Return when a day begins; raise Invalid."""
    try:
        return clock.day_start(dt.date.fromisoformat(day), zone)
    except (ValueError, OverflowError):
        raise Invalid(on="A day is written as 2026-11-29.") from None


@routing.page(
    router,
    "/{message_id}",
    summary="A link to a message",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the page that shows it, and there to the message.")),
)
@lanes.on("reads")
def go_to_message(request: Request, me: SignedIn, slug: InRoom, message_id: Id) -> Response:
    """Send the browser on to where a message stands among the others; a program is told of it."""
    place = rooms.find(me, slug).place
    spot = around.of(me, message_id, place)
    return render.answer(
        request,
        page=partial(render.redirect, request, spot.path),
        program=partial(_told, me, message_id, place.id),
    )


@routing.get(
    router,
    "/message/{message_id}",
    summary="A message",
    openapi_extra=documented((200, "The message, as it stands in a list.")),
)
@lanes.on("reads")
def tell_of_message(request: Request, me: SignedIn, slug: InRoom, message_id: Id) -> Response:
    """Return one message."""
    return _told(me, message_id, rooms.find(me, slug).place.id)


def _told(me: Identity, number: int, room: int) -> Response:
    return JSONResponse(shown.as_json(messages.any_ones(me, number, room)))
