"""Where a mailed link leads: an address is proved, an account's or that of one to be made."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import guards, visitors
from service.accounts import accounts
from service.accounts.entry import enter
from service.base import lanes
from service.base.errors import Conflict, Invalid, Unavailable
from service.joining import newcomers, proving, registration, shown
from service.joining.proving import Proof
from service.links.asking import ask
from service.web import render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
FORM = "joining/email"
PROVED = "This e-mail address is proved to be yours."


@router.get(
    "/email",
    summary="Page that a mailed link leads to",
    response_class=HTMLResponse,
    openapi_extra=documented(
        (404, "The link does not work."), (429, "Too many wrong codes; see Retry-After.")
    ),
)
@lanes.on("reads")
def email_page(request: Request, code: str = "", done: str = "") -> Response:
    if done:
        return render.html(request, "joining/proved.html", told=PROVED)
    proof = _look(request, code)
    return shown.form(request, FORM, Fields({"code": code}), proof=proof)


@router.post(
    "/api/email",
    summary="Prove an e-mail address",
    openapi_extra=documented(
        (200, "Proved; and with a new account, signed in (htmx and programs)."),
        (303, "The same; on to the board, or a page that says so (a browser's form)."),
        (404, "The link does not work."),
        (409, "The address is another account's by now."),
        (422, "A field can't be taken as it is."),
        (429, "Too many wrong codes; see Retry-After."),
        code=(True, "What the link ends with"),
        username=(False, "Where an account is made: 1-50 characters, compared without case"),
        password=(False, "8-100 characters, hard to guess"),
        user_timezone=newcomers.FIELDS["user_timezone"],
        display_name=newcomers.FIELDS["display_name"],
    ),
)
async def prove(request: Request, fields: Submitted) -> Response:
    """Use the link up: the address is its account's, or that of an account made with it."""
    code = fields["code"]
    proof = await lanes.run(request.scope, "reads", _look, request, code)
    if proof.username is not None:
        await lanes.run(request.scope, "writes", proving.use, code, visitors.address(request))
        return await run_sync(render.done, request, "/email?done=yes", {"proved": proof.email})
    return await _join(request, fields, proof)


def _look(request: Request, code: str) -> Proof:
    proof = ask(request, code, proving.look)
    if proof.username is None:  # an account is to be made, with a password
        guards.require_passwords(request)
    return proof


async def _join(request: Request, fields: Fields, proof: Proof) -> Response:
    try:
        newcomer = await newcomers.read(fields, shown.board(request), proof.email)
        join = partial(registration.join, fields["code"], newcomer, visitors.address(request))
        account = await _make(request, join)
    except (Invalid, Unavailable) as failure:
        form = partial(shown.form, request, FORM, fields, failure, proof=proof)
        return await run_sync(form)
    begun = await enter(request, account, newcomer.zone)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone, "role": begun.me.role}
    return await run_sync(render.done, request, "/msgs", told)


async def _make(request: Request, join: partial[accounts.Account]) -> accounts.Account:
    try:
        return await lanes.run(request.scope, "writes", join)
    except Conflict as taken:
        raise newcomers.choose_another(taken) from None
