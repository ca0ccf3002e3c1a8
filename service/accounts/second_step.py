"""The second step of signing in: the password was right, and something else is still to be shown.

Until then there is no session: a signed cookie holds for a few minutes who it is. A new password
ends it.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from service.access import cookies, places, session_cookie, sessions, visitors
from service.access.identity import Identity
from service.access.throttle import Throttle
from service.access.tokens import UNREADABLE, Signer
from service.accounts import accounts, sign_in
from service.accounts.accounts import Account
from service.base import clock, lanes, metrics, parts
from service.base.config import Settings
from service.base.errors import NotFound, NotSignedIn, SecondStepDue
from service.web import failures, render

PURPOSE = "second"
AUDIENCE = "board-second"
LIFETIME = dt.timedelta(minutes=10)
OVER = "That took longer than 10 minutes, or the password was changed. Sign in once more."


@dataclass(frozen=True)
class Step:
    """Who has told the right password, and what else the sign-in asked for."""

    account: Account
    zone: str


def begin(request: Request, account: Account, zone: str) -> None:
    """Let the answer set the cookie of the second step."""
    payload = {
        "sub": str(account.id),
        "pwd": places.digest(account.password_hash),
        "zone": zone,
        "exp": int((clock.now() + LIFETIME).timestamp()),
    }
    signed = parts.of(request, Signer).encode(AUDIENCE, payload)
    cookies.give(request, _names(request)[0], signed, int(LIFETIME.total_seconds()))


def ask(request: Request) -> Response:
    """Answer a right password with the page of the second step; a program is told what to do."""
    return render.answer(
        request,
        page=partial(render.redirect, request, "/second"),
        program=partial(failures.problem, SecondStepDue()),
    )


def current(request: Request) -> Step:
    """Return who is at the second step; raise NotSignedIn if nobody is any more."""
    try:
        payload = parts.of(request, Signer).decode(
            AUDIENCE, cookies.read(request, *_names(request))
        )
        account = accounts.get(int(payload["sub"]))
        over = payload["exp"] <= clock.now().timestamp() or account.disabled
        if over or payload["pwd"] != places.digest(account.password_hash):
            raise NotSignedIn(OVER)
        return Step(account, payload["zone"])
    except (*UNREADABLE, NotFound):
        raise NotSignedIn(OVER) from None


async def enter(request: Request, before: Identity | None, step: Step, by: str) -> Identity:
    """Begin the session, once something that goes by this name was shown; raise NotSignedIn.

    `before` is whoever was signed in: the browser forgets that session, so nobody could end it.
    """
    visitor, throttle = visitors.of(request), parts.of(request, Throttle)
    begin = partial(sign_in.begin, throttle, visitor, step.account, step.zone, second=by)
    begun = await lanes.run(request.scope, "writes", begin)
    metrics.sign_ins.count("password", "succeeded")
    if before:
        await lanes.run(request.scope, "writes", sessions.leave, before)
    session_cookie.give(request, begun.me)
    visitors.give_device(request, begun.device)
    cookies.give(request, _names(request)[0], "", 0)
    return begun.me


def _names(request: Request) -> list[str]:
    base, marks = parts.of(request, Settings).base, parts.of(request, Signer).marks
    return [cookies.named(PURPOSE, mark, request.url.scheme, base) for mark in marks]
