"""Joining by an invitation: what it says, and the account that it gives."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access import visitors
from service.access.guards import WITH_PASSWORDS, MaybeSignedIn
from service.accounts.entry import enter
from service.base import lanes
from service.base.clock import utc
from service.base.errors import BoardError, Conflict, Invalid, TooManyRequests, Unavailable
from service.joining import invites, newcomers, shown
from service.joining.invites import PATH, Invitation
from service.links.asking import ask
from service.web import render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
FORM = "joining/join"
SIGNED_IN = "You are signed in already. Sign out first if you want another account."


@router.get(
    PATH,
    summary="Page of an invitation",
    response_class=HTMLResponse,
    openapi_extra=documented(
        (404, "There is no such invitation: used up, expired, taken back, or copied in part."),
        (429, "Too many wrong codes; see Retry-After."),
    ),
)
@lanes.on("reads")
def invitation(request: Request, me: MaybeSignedIn, code: str = "") -> Response:
    """Say who invites to what. That uses nothing up, however often somebody looks."""
    found = ask(request, code, invites.find)
    return render.answer(
        request,
        page=partial(_page, request, code, found),
        program=lambda: JSONResponse(_told(found)),
    )


@router.post(
    f"/api{PATH}",
    summary="Join by an invitation",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "The account is made and signed in (htmx and programs)."),
        (303, "The account is made and signed in; on to the board (a browser's form)."),
        (404, "There is no such invitation: used up, expired, taken back, or copied in part."),
        (409, "Whoever asks is signed in already."),
        (422, "A field can't be taken as it is, or somebody has a name like that."),
        (429, "Too many wrong codes; see Retry-After."),
        code=(True, "The code of the invitation, which its address ends with"),
        **newcomers.FIELDS,
    ),
)
async def join(request: Request, me: MaybeSignedIn, fields: Submitted) -> Response:
    """Use the invitation once, make an account and sign it in."""
    found = await lanes.run(request.scope, "reads", ask, request, fields["code"], invites.find)
    if me:
        raise Conflict(SIGNED_IN)
    refused = partial(_refused, request, fields, found)
    try:
        newcomer = await newcomers.read(fields, request.app.title)
        make = partial(invites.join, fields["code"], newcomer, visitors.address(request))
        account = await lanes.run(request.scope, "writes", make)
    except Conflict as taken:
        return await run_sync(refused, newcomers.choose_another(taken))
    except (Invalid, TooManyRequests, Unavailable) as failure:
        return await run_sync(refused, failure)
    begun = await enter(request, account, newcomer.zone)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone, "role": begun.me.role}
    return render.done(request, "/msgs", told)


def _page(request: Request, code: str, found: Invitation) -> Response:
    return shown.form(request, FORM, Fields(code=code), invitation=found)


def _refused(request: Request, fields: Fields, found: Invitation, failure: BoardError) -> Response:
    return shown.form(request, FORM, fields, failure, invitation=found)


def _told(found: Invitation) -> dict[str, str | None]:
    return {
        "role": found.role,
        "invited_by": found.inviter,
        "expires_at": utc(found.expires_at),
    }
