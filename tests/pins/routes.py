"""Pins: pin, and take away."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Changing
from service.access.identity import Identity
from service.base import lanes, parts
from service.live.wakes import Told
from service.messages import shown
from service.messages.messages import MessageView
from service.web import render
from tests.pins import pins

router = APIRouter()


@router.post("/api/message/{message_id}/pin", summary="Pin a message")
@lanes.on("writes")
def pin(request: Request, me: Changing, message_id: int) -> Response:
    """Pin a message for everybody."""
    return _answer(request, me, pins.pin(me, message_id))


@router.post("/api/message/{message_id}/unpin", summary="Take a pin away")
@lanes.on("writes")
def unpin(request: Request, me: Changing, message_id: int) -> Response:
    """Take a message's pin away."""
    return _answer(request, me, pins.unpin(me, message_id))


def _answer(request: Request, me: Identity, message: MessageView) -> Response:
    parts.of(request, Told).tell()
    # As open pages get it.
    event = {"kind": "pinned", "m": message, "viewer": shown.viewer(message, me)}
    return render.answer(
        request,
        page=lambda: render.redirect(request, "/msgs"),
        fragment=lambda: render.html(request, "messages/_event.html", zone=me.clock, **event),
        program=lambda: JSONResponse(shown.as_json(message)),
    )
