"""Whom one can call in a room, as their names are typed."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Writing
from service.base import lanes
from service.data import rules
from service.messages import mentions
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web.forms import documented

router = APIRouter()
Typed = Annotated[
    str, Query(max_length=rules.MAX_NAME, description="How a name begins, without its @")
]


@routing.get(
    router,
    "/mentionable",
    summary="Find whom to call",
    openapi_extra=documented((200, "Some of those whose names begin so.")),
)
@lanes.on("reads")
def people(request: Request, me: Writing, slug: InRoom, q: Typed = "") -> Response:
    """Return people whom one can call: their `username`, and the `display_name` that they show.

    `everybody` says whether `room` begins so, too, and one may call all.
    """
    room, typed = rooms.find(me, slug), q.strip()
    found = mentions.beginning(me, room, typed) if typed else []
    named = [{"username": each.username, "display_name": each.display_name} for each in found]
    is_room = bool(typed) and mentions.ROOM.startswith(typed.casefold())
    return JSONResponse({"people": named, "everybody": is_room and me.may("call")})
