"""Signing in."""

import logging
from contextlib import suppress
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import duty, names, session_cookie, sessions, visitors
from service.access.guards import WITH_PASSWORDS, MaybeSignedIn
from service.access.options import BY_THEMSELVES, Current
from service.access.throttle import Throttle
from service.accounts import second_step, sign_in
from service.accounts.accounts import Account
from service.accounts.founding import Founding
from service.accounts.sign_in import Demo, Finding
from service.base import clock, lanes, metrics, parts, passwords
from service.base.config import Settings
from service.base.errors import (
    BoardError,
    Invalid,
    NotSignedIn,
    TooManyRequests,
    Unavailable,
)
from service.data import db
from service.web import failures, render
from service.web.forms import Fields, Submitted, documented

router = APIRouter()
security = logging.getLogger("service.security")
NO_COOKIES = (
    "Your browser keeps no cookies of this board. Allow them for this address and sign in again."
)


@router.get(
    "/",
    summary="Sign-in page",
    response_class=HTMLResponse,
    openapi_extra=documented(
        (303, "Signed in already, or no user yet: on to the board, or to its setup.")
    ),
)
async def login_page(request: Request, me: MaybeSignedIn) -> Response:
    if me:
        return render.redirect(request, "/msgs")
    if await _is_unfounded(request):
        return render.redirect(request, "/setup")
    return await run_sync(_login_page, request)


async def _is_unfounded(request: Request) -> bool:
    founding = parts.of(request, Founding)
    if founding.over:
        return False
    with suppress(*db.UNAVAILABLE):  # the form is there whatever becomes of the database
        return await lanes.run(request.scope, "reads", founding.is_due)
    return False


def _login_page(request: Request) -> Response:
    no_cookies = request.url.query == "cookies=none" and "cookie" not in request.headers
    error = NO_COOKIES if no_cookies else None
    shown = partial(render.html, request, error=error, errors={}, **_form(request))
    return render.form(request, "accounts/sign_in", shown)


@router.post(
    "/api/login",
    summary="Sign in",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        (200, "Signed in; the session cookie is set (htmx and programs)."),
        (303, "Signed in; on to the board (a browser's form)."),
        (
            401,
            "The username or the password is wrong; or, with a `type` that says so, it is right, "
            "and a second step is due: /api/second.",
        ),
        (422, "A field is missing or too long."),
        (429, "Too many failed sign-ins; see Retry-After."),
        (503, "Too many sign in at once; see Retry-After."),
        username=(True, "1-50 characters, compared without case"),
        password=(True, "1-100 characters"),
        user_timezone=(False, "A zone's name, such as Europe/Berlin; else the last one is kept"),
    ),
)
async def login(request: Request, me: MaybeSignedIn, fields: Submitted) -> Response:
    """Check the password and begin a session of at most 7 days."""
    try:
        begun = await _sign_in(request, fields)
    except (Invalid, NotSignedIn, TooManyRequests, Unavailable) as failure:
        return await run_sync(refused, request, failure, fields["username"])
    if begun is None:
        return second_step.ask(request)
    if me:  # the browser forgets its old session, so nobody could end it
        await lanes.run(request.scope, "writes", sessions.leave, me)
    session_cookie.give(request, begun.me)
    visitors.give_device(request, begun.device)
    told = {"username": begun.me.name, "user_timezone": begun.me.zone}
    return render.done(request, "/msgs", told)


async def _sign_in(request: Request, fields: Fields) -> sign_in.SignedIn | None:
    """Begin a session, or the second step, where one is due."""
    username, password = fields["username"], fields["password"]
    _check(username, password)
    visitor = visitors.of(request)
    throttle = parts.of(request, Throttle)
    account = None
    try:
        with sign_in.refusals("password"):
            account, place = await sign_in.find(parts.of(request, Finding), visitor, username)
            if not await sign_in.check(throttle, place, account, password) or not account:
                waits = await sign_in.waits(username, password)
                raise NotSignedIn(sign_in.WAITING if waits else sign_in.WRONG)
            if await _is_step_due(request, account):
                second_step.begin(request, account, fields["user_timezone"])
                return None
            begin = partial(sign_in.begin, throttle, visitor, account, fields["user_timezone"])
            begun = await lanes.run(request.scope, "writes", begin)
    except (NotSignedIn, TooManyRequests, Unavailable) as failure:
        security.warning(
            "sign-in refused",
            # No name that nobody has: it may be a password typed into the wrong field.
            extra={
                "status": failure.status,
                "username": account.username if account else None,
                "client": visitor.address,
            },
        )
        raise
    metrics.sign_ins.count("password", "succeeded")
    return begun


async def _is_step_due(request: Request, account: Account) -> bool:
    wanted = parts.of(request, Current).known.second_factor
    due = partial(duty.is_step_due, wanted, account.id, account.role)
    return await lanes.run(request.scope, "reads", due)


def _check(username: str, password: str) -> None:
    faults = {}
    if not 1 <= len(username.strip()) <= names.MAX_USERNAME:
        faults["username"] = f"Enter your username, at most {names.MAX_USERNAME} characters."
    if not passwords.may_be_one(password):
        faults["password"] = f"Enter your password, at most {passwords.MAX_LENGTH} characters."
    if faults:
        raise Invalid(**faults)


def refused(request: Request, failure: BoardError, username: str = "") -> Response:
    """Return the form with the name kept, and what is wrong."""
    errors = failures.fields(failure)
    error = None if errors else failure.message
    told = {"error": error, "errors": errors}
    shown = partial(failures.html, request, failure, **told, **_form(request, username))
    return render.form(request, "accounts/sign_in", shown, partial(failures.problem, failure))


def _form(request: Request, username: str = "") -> dict[str, Any]:
    demo = parts.maybe(request, Demo)
    registration = parts.of(request, Current).known.registration
    providers = parts.of(request, Settings).providers
    left = next((each for each in providers if each.name == request.query_params.get("left")), None)
    return {
        "username": username,
        "zones": clock.zone_choices(),
        "demo": demo,
        "left": left,
        "registers": registration in BY_THEMSELVES,
    }
