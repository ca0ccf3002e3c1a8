"""One's own account taken along."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from service.access import audit
from service.access.audit import Someone
from service.access.guards import ConfirmingOwning
from service.base import clock, lanes, parts
from service.data import db
from service.mine import export
from service.mine.export import Exports
from service.web import render
from service.web.forms import documented

router = APIRouter()
ZIP = "application/zip"


class Zip(StreamingResponse):
    media_type = ZIP


@router.get("/account/export", summary="Page of my export", response_class=HTMLResponse)
@lanes.on("reads")
def export_page(request: Request, _: ConfirmingOwning) -> Response:
    return render.html(request, "mine/export.html", files=export.FILES)


@router.post(
    "/api/account/export",
    summary="Export all that is mine",
    response_class=Zip,
    openapi_extra=documented(
        (200, "A zip of JSON files."), (429, "Another goes on; see Retry-After.")
    ),
)
@lanes.on("writes")
def make_export(request: Request, me: ConfirmingOwning) -> Response:
    """Send everything of one's own as a zip of JSON, made while it is sent."""
    exports = parts.of(request, Exports)
    exports.begin(me.user_id)
    with db.write():
        audit.note(audit.actor(request, me), "user.exported", Someone(me.user_id, me.name))
    name = f"export-{clock.now():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Zip(export.stream(me, exports), headers=headers)
