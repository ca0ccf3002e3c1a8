"""The page about the board itself, and a backup of it to download."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.guards import ConfirmingManaging, Managing
from service.administration import state
from service.administration.download import Downloads
from service.base import lanes, parts
from service.base.config import Settings
from service.keep import backup
from service.live.hub import Hub
from service.mail.outbox import Outbox
from service.web import render
from service.web.downloads import Zip
from service.web.forms import documented

router = APIRouter()


@router.get(
    "/admin/board", summary="How the board is", openapi_extra=documented((200, "How it is."))
)
@lanes.on("searches")
def show_board(request: Request, me: Managing) -> Response:
    """Return the release, the database, the open pages, the last backup and what is wrong."""
    settings = parts.of(request, Settings)
    now = state.look(settings, len(parts.of(request, Hub).readers))
    page = partial(
        render.html,
        request,
        "administration/board.html",
        state=now,
        settings=settings,
        zone=me.clock,
        mail=parts.of(request, Outbox),
        notice=None,
    )
    return render.answer(request, page=page, program=lambda: JSONResponse(state.as_json(now)))


@router.post(
    "/api/admin/backup",
    summary="Download a backup",
    response_class=Zip,
    openapi_extra=documented((200, "The backup, a zip."), (409, "Another one is being made.")),
)
def download_backup(request: Request, me: ConfirmingManaging) -> Response:
    """Make a backup of the whole board while it is in use, and send it."""
    blocks = parts.of(request, Downloads).begin(audit.actor(request, me))
    return Zip.named(backup.dated(Path()).name, blocks)
