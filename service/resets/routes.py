"""Forgotten passwords: asking for a link, having one made, setting the password with it."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access import audit, tokens, visitors
from service.access.guards import WITH_PASSWORDS, ConfirmingManaging
from service.access.options import Current
from service.base import clock, lanes, parts
from service.base.config import Settings
from service.base.errors import Conflict, Invalid
from service.base.paces import Strangers
from service.links import links
from service.links.asking import ask
from service.mail.outbox import Outbox
from service.resets import resets
from service.web import failures, render
from service.web.forms import Submitted, documented
from service.web.ids import Id

router = APIRouter()
SENT = "If the board knows them, and where to write to, a link is on its way."
NO_MAIL = "This board sends no mail. Ask an admin for a link."
MAX_WHO = 254  # characters


@router.get(
    "/forgotten",
    summary="Forgotten password",
    dependencies=WITH_PASSWORDS,
    response_class=HTMLResponse,
)
def forgotten(request: Request) -> Response:
    return _forgotten(request)


@router.post(
    "/api/forgotten",
    summary="Ask for a reset link by mail",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "If there is such a user with a proved address, a link is on its way."),
        (409, "This board sends no mail."),
        (422, "Nobody is named."),
        (429, "Too many are asked for; see Retry-After."),
        who=(True, "A username or an e-mail address"),
    ),
)
async def send(request: Request, fields: Submitted) -> Response:
    """Have a link mailed. The answer is the same, and as quick, whoever is named."""
    who, outbox = fields["who"].strip(), parts.of(request, Outbox)
    if not 1 <= len(who) <= MAX_WHO:
        failure = Invalid(who="Enter your username or e-mail address.")
        return await run_sync(_refused, request, failure, who)
    if not outbox.open:
        raise Conflict(NO_MAIL)
    await parts.of(request, Strangers).take(visitors.network(request))
    # Whether there is such a user is looked up after this answer.
    public_url = parts.of(request, Settings).public_url
    outbox.put(partial(resets.mail, _board(request), public_url, who))
    return await run_sync(_sent, request)


def _board(request: Request) -> str:
    return str(parts.of(request, Current).known.board_name)


def _sent(request: Request) -> Response:
    page = partial(_forgotten, request, sent=SENT)
    return render.answer(request, page=page, program=partial(JSONResponse, {"sent": SENT}))


def _forgotten(request: Request, sent: str = "") -> Response:
    context = {"sent": sent, "mails": parts.of(request, Outbox).open, "who": "", "errors": {}}
    return render.html(request, "resets/forgotten.html", **context)


def _refused(request: Request, failure: Invalid, who: str) -> Response:
    context = {"sent": "", "mails": True, "who": who, "errors": failure.fields}
    shown = partial(failures.html, request, failure, **context)
    return render.form(request, "resets/forgotten", shown, partial(failures.problem, failure))


@router.get(
    "/reset",
    summary="Page that sets a new password",
    dependencies=WITH_PASSWORDS,
    response_class=HTMLResponse,
    openapi_extra=documented(
        (404, "The link does not work."), (429, "Too many wrong codes; see Retry-After.")
    ),
)
@lanes.on("reads")
def reset_page(request: Request, code: str = "", done: str = "") -> Response:
    if done:
        return render.html(request, "resets/set.html")
    context = {"username": ask(request, code, resets.whose), "code": code, "errors": {}}
    return render.form(request, "resets/reset", partial(render.html, request, **context))


@router.post(
    "/api/reset",
    summary="Set a new password with a link's code",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "Set; all sessions are ended (htmx and programs)."),
        (303, "Set; on to a page that says so (a browser's form)."),
        (404, "The link does not work."),
        (422, "The password is too short, too long or easy to guess."),
        (429, "Too many wrong codes; see Retry-After."),
        code=(True, "What the link ends with"),
        new_password=(True, "8-100 characters, hard to guess"),
    ),
)
async def set_password(request: Request, fields: Submitted) -> Response:
    """Use the link up, set the password and end all sessions; that signs nobody in."""
    code, password = fields["code"], fields["new_password"]
    try:
        check = partial(resets.check, password=password, board=_board(request))
        await lanes.run(request.scope, "reads", ask, request, code, check)
    except Invalid as failure:
        return await lanes.run(request.scope, "reads", _again, request, failure, code)
    password_hash = await tokens.hash_password_in_turn(password)
    address = visitors.address(request)
    await lanes.run(request.scope, "writes", resets.use, code, password_hash, address)
    return await run_sync(render.done, request, "/reset?done=yes", {"done": "password"})


def _again(request: Request, failure: Invalid, code: str) -> Response:
    context = {"username": resets.whose(code), "code": code, "errors": failure.fields}
    shown = partial(failures.html, request, failure, **context)
    return render.form(request, "resets/reset", shown, partial(failures.problem, failure))


@router.post(
    "/api/admin/people/{user_id}/reset",
    summary="Make a reset link for somebody",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "The link, which is shown only now; it works once, for a day."),
        (403, "Only admins may do that."),
        (404, "There is no such user."),
        (409, "They may not sign in."),
    ),
)
@lanes.on("writes")
def make(request: Request, me: ConfirmingManaging, user_id: Id) -> Response:
    """Make a link that sets a user's password, to be given to them."""
    made = resets.make(audit.actor(request, me), user_id)
    url = parts.of(request, Settings).public_url
    link = links.address(url or parts.of(request, Settings).base, resets.PATH, made.code)
    context = {"made": made, "link": link, "whole": bool(url), "user_id": user_id, "notice": None}
    told = {"link": link, "expires_at": clock.utc(made.expires_at)}
    shown = partial(render.html, request, **context)
    return render.form(request, "resets/made", shown, partial(JSONResponse, told))
