"""Quotes: a message as it is quoted in the next one."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Writing
from service.base import lanes
from service.messages import quoting
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web.forms import documented
from service.web.ids import Id

router = APIRouter()


@routing.get(
    router,
    "/message/{message_id}/quote",
    summary="Quote a message",
    openapi_extra=documented((200, "The Markdown, as `text`."), (404, "No such message.")),
)
@lanes.on("reads")
def quote(request: Request, me: Writing, slug: InRoom, message_id: Id) -> Response:
    """Return Markdown that quotes a message: who wrote it, a link to it, and how it begins.

    Whom the quoted text mentions is not called again.
    """
    text = quoting.of(request, me, message_id, rooms.find(me, slug).place.id)
    return JSONResponse({"text": text})
