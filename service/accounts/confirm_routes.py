"""Proving again who one is, and going on with what asked for it."""

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.access import audit, confirmation, session_cookie
from service.access.guards import SettingUp, require_passwords
from service.access.identity import Identity
from service.access.second_codes import SecondCodes
from service.accounts import current_password
from service.accounts.proofs import Proofs
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import BoardError, Invalid, NotConfirmed, TooManyRequests, Unavailable
from service.web import downloads, failures, render, written
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
HOME = "/account"
OWN = frozenset({"current_password", "code", "next", "again"})  # fields of the form itself
SECRET = ("password", "code")  # what a field is called that is never sent to the browser again
HERE = {"HX-Retarget": "#main", "HX-Reswap": "innerHTML"}  # htmx: in place of the page


@dataclass(frozen=True)
class Wanted:
    """What is gone on with: a page, or a form that is sent again with what it held."""

    next: str = HOME
    again: str = ""
    kept: dict[str, str] = field(default_factory=dict)


@router.get(
    "/confirm",
    summary="Page that asks again who one is",
    response_class=HTMLResponse,
    openapi_extra=documented((303, "Proved of late already, or not signed in.")),
)
@lanes.on("reads")
def confirm_page(request: Request, me: SettingUp, next: str = HOME) -> Response:
    wanted = Wanted(render.own_path(next, HOME))
    if confirmation.is_fresh(me.session_id):
        return render.redirect(request, wanted.next)
    return _form(request, me, wanted)


@router.post(
    "/api/confirm",
    summary="Confirm who one is",
    openapi_extra=documented(
        (200, "Confirmed: for 10 minutes nothing asks for it again (programs)."),
        (303, "Confirmed; on to what asked for it (a browser's form)."),
        (307, "Confirmed; what was sent is sent again (a browser's form)."),
        (422, "The password or the code is wrong."),
        (429, "Too many failed tries; see Retry-After."),
        current_password=(False, "The password as it is"),
        code=(False, "Or a code of one's app, where one has set one up"),
        next=(False, "The page to go on to"),
        again=(False, "Where the other fields of this form are sent again"),
    ),
)
async def confirm(request: Request, me: SettingUp, fields: Submitted) -> Response:
    """Check the password or the code, and note it in this session."""
    try:
        await _check(request, me, fields)
    except (Invalid, TooManyRequests, Unavailable) as failure:
        return await run_sync(_refused, request, me, failure, await _wanted(request, fields))
    confirm = partial(confirmation.confirm, me, audit.actor(request, me))
    new = await lanes.run(request.scope, "writes", confirm)
    session_cookie.give(request, new)
    if again := render.own_path(fields["again"], ""):
        # The same body, fields and all, by the browser itself; it may name this session.
        target = parts.of(request, Settings).base + again.replace(me.session_id, new.session_id)
        return RedirectResponse(target, HTTPStatus.TEMPORARY_REDIRECT)
    return render.done(request, render.own_path(fields["next"], HOME), {"confirmed": True})


async def _check(request: Request, me: Identity, fields: Fields) -> None:
    """Raise Invalid, TooManyRequests or Unavailable unless what was sent proves who somebody is."""
    if fields["code"] and not fields["current_password"]:
        codes, by = parts.of(request, SecondCodes), audit.actor(request, me)
        await lanes.run(request.scope, "writes", codes.prove, by, fields["code"])
    else:
        require_passwords(request)
        await current_password.check(request, me, fields["current_password"])


async def ask(request: Request, failure: Exception) -> Response:
    """Answer whoever has to confirm first: with the form for it, which goes on with what they sent.

    A page that was visited comes after it.
    """
    assert isinstance(failure, NotConfirmed)  # noqa: S101, it is registered for nothing else
    caller = render.caller(request)
    if caller == "program" or (caller == "page" and not render.takes_html(request)):
        return failures.problem(failure)
    if request.method == "GET":
        return render.redirect(request, f"/confirm?next={quote(_here(request))}")
    me, wanted = parts.of(request, Identity), await _sent(request)
    return await lanes.run(request.scope, "reads", _form, request, me, wanted, failure)


async def _sent(request: Request) -> Wanted:
    """Return what a form sent, to be sent again.

    Not what asks for a file, which would leave the browser with the form of the confirmation; nor a
    secret. Then the page that it came from is next.
    """
    sent = await written.fields(request)
    page = render.own_path(_came_from(request), HOME)
    if downloads.is_one(request) or any(word in name for name in sent for word in SECRET):
        return Wanted(page)
    return Wanted(page, _here(request), sent)


async def _wanted(request: Request, fields: Fields) -> Wanted:
    """Return what the form of the confirmation itself was to go on with."""
    sent = await written.fields(request)
    kept = {name: text for name, text in sent.items() if name not in OWN}
    next = render.own_path(fields["next"], HOME)
    return Wanted(next, render.own_path(fields["again"], ""), kept)


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _came_from(request: Request) -> str:
    """Return the page that sent a form, as a path of the board."""
    path = urlsplit(request.headers.get("referer", "")).path
    return path.removeprefix(parts.of(request, Settings).base)


def _refused(request: Request, me: Identity, failure: BoardError, wanted: Wanted) -> Response:
    return render.answer(
        request,
        page=partial(_form, request, me, wanted, failure),
        program=partial(failures.problem, failure),
    )


def _form(
    request: Request, me: Identity, wanted: Wanted, failure: BoardError | None = None
) -> Response:
    """Return the form, for whatever ways the user has, and what is wrong if something is."""
    errors = failures.fields(failure)
    told = not errors and failure and not isinstance(failure, NotConfirmed)
    context: dict[str, Any] = {
        "ways": parts.of(request, Proofs).templates(me.user_id),
        "wanted": wanted,
        "errors": errors,
        "error": failure.message if told else None,
    }
    response = render.form(
        request, "accounts/confirm", partial(failures.page, request, failure, **context)
    )
    if render.caller(request) == "htmx":
        response.headers.update(HERE)
    return response
