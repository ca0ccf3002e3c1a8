"""What pages look like to oneself."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.guards import Owning
from service.access.standing import Standings
from service.accounts import look, pages
from service.base import lanes, parts
from service.base.errors import Invalid
from service.web.forms import Submitted, documented

router = APIRouter()


@router.post(
    "/api/account/look",
    summary="Set what pages look like",
    openapi_extra=documented(
        *pages.DONE,
        (422, "There is no such choice."),
        theme=(False, "system, light or dark"),
        hours=(False, "12 or 24 as clocks show them; board for as its language has it"),
        order=(False, "oldest first, with the composer below, or newest first, with it above"),
    ),
)
@lanes.on("writes")
def set_look(request: Request, me: Owning, fields: Submitted) -> Response:
    """Set what pages look like on all my devices; what is not sent stays as it is."""
    try:
        look.change(me, fields)
    except Invalid as failure:
        return pages.refused(request, me, failure, fields)
    parts.of(request, Standings).forget(me.user_id)
    return pages.done(request, "look")
