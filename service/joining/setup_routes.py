"""The pages of an empty board: the first admin makes their account."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import visitors
from service.access.guards import WITH_PASSWORDS
from service.access.throttle import Throttle
from service.accounts.entry import enter
from service.accounts.founding import Founded, Founding
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import Invalid, TooManyRequests, Unavailable
from service.joining import newcomers, setup, setup_code, shown
from service.web import render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
FORM = "joining/setup"


@router.get(
    setup_code.PATH,
    summary="Page of an empty board",
    response_class=HTMLResponse,
    openapi_extra=documented((303, "The board has users; on to the sign-in page.")),
)
@lanes.on("reads")
def setup_page(request: Request) -> Response:
    if not parts.of(request, Founding).is_due():
        return render.redirect(request, "/")
    return shown.form(request, FORM, Fields())


@router.post(
    f"/api{setup_code.PATH}",
    summary="Make the first admin",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "The account is made and signed in (htmx and programs)."),
        (303, "The account is made and signed in; on to the board (a browser's form)."),
        (404, "The board has users."),
        (422, "The code is wrong, or a field can't be taken as it is."),
        (429, "Too many wrong codes; see Retry-After."),
        code=(True, "What the board's log shows, and `board setup-code` prints"),
        **newcomers.FIELDS,
    ),
)
async def found(request: Request, fields: Submitted) -> Response:
    """Make the first admin of an empty board, and sign them in."""
    try:
        await lanes.run(request.scope, "writes", _check_code, request, fields["code"])
        newcomer = await newcomers.read(fields, request.app.title)
        make = partial(setup.found, newcomer, visitors.address(request))
        account = await lanes.run(request.scope, "writes", make)
    except (Invalid, TooManyRequests, Unavailable) as failure:
        return await run_sync(shown.form, request, FORM, fields, failure)
    begun = await enter(request, account, newcomer.zone)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone, "role": begun.me.role}
    return render.done(request, "/msgs", told)


def _check_code(request: Request, code: str) -> None:
    if not parts.of(request, Founding).is_due():
        raise Founded
    key = parts.of(request, Settings).secret_keys[0]
    with parts.of(request, Throttle).guess(visitors.address(request), Invalid):
        setup_code.check(code, key)
