"""One's own name, as others see it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import audit, names
from service.access.guards import Presenting
from service.access.standing import Standings
from service.accounts import naming, pages
from service.base import lanes, parts
from service.base.errors import Invalid
from service.live.wakes import Told
from service.web.forms import Submitted, documented

router = APIRouter()


@router.post(
    "/api/account/name",
    summary="Set the name that others see",
    openapi_extra=documented(
        *pages.DONE,
        (422, "It is no name, or looks like somebody else's."),
        (429, "Too many changes; see Retry-After."),
        display_name=(False, f"1-{names.MAX_USERNAME} characters; none for the username"),
    ),
)
@lanes.on("writes")
def set_name(request: Request, me: Presenting, fields: Submitted) -> Response:
    """Set the name that others see; the username stands beside it. Open pages show it at once."""
    name = fields["display_name"]
    try:
        naming.show_as(me, audit.actor(request, me), name, request.app.title)
    except Invalid as failure:
        return pages.refused(request, me, failure, {"display_name": name})
    parts.of(request, Standings).forget(me.user_id)
    parts.of(request, Told).tell()
    return pages.done(request, "name")
