"""The page of one's own account, and what a change of it is answered with."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.access import begun, second, session_cookie
from service.access.identity import Identity
from service.accounts import accounts
from service.base import clock
from service.base.errors import Invalid
from service.web import failures, render

# What a redirect back to the page says was done; only these words can be shown.
NOTICES = {
    "name": "Your name is changed.",
    "email": "Your e-mail address is saved.",
    "email-sent": "Your e-mail address is saved. Open the link in the mail that goes there now.",
    "no-email": "Your e-mail address is taken away.",
    "look": "That is how your pages look now.",
    "timezone": "Your time zone is set.",
    "password": "Your password is changed. Every other device was signed out.",
    "session": "That device was signed out.",
}
DONE = (
    (200, "Done."),
    (303, "Done; back to the page (a browser's form)."),
    (401, "Not signed in."),
)
NOTHING: Mapping[str, str] = {}


def show(
    request: Request,
    me: Identity,
    status: int = 200,
    notice: str | None = None,
    errors: Mapping[str, str] = NOTHING,
    typed: Mapping[str, str] = NOTHING,
) -> Response:
    """Return the page, with what was typed and is wrong with it."""
    account = accounts.get(me.user_id)
    listed: list[dict[str, Any]] = [
        asdict(found) | {"current": found.id == me.session_id}
        for found in begun.open_sessions(me.user_id)
    ]
    return render.html(
        request,
        "accounts/account.html",
        status,
        account=account,
        owns_bots=accounts.owns_bots(me.user_id),
        second=second.state(me.user_id),
        sessions=listed,
        zones=sorted({*clock.zone_choices(), me.zone}),
        zone=me.clock,
        notice=notice,
        errors=errors,
        typed=typed,
    )


def refused(
    request: Request, me: Identity, failure: Invalid, typed: Mapping[str, str] = NOTHING
) -> Response:
    """Return the page with what is wrong; a program is told that alone."""
    return render.answer(
        request,
        page=partial(show, request, me, failure.status, errors=failure.fields, typed=typed),
        program=partial(failures.problem, failure),
    )


def done(request: Request, what: str) -> Response:
    """Answer that one of NOTICES was done."""
    return render.done(request, f"/account?done={what}", {"done": what})


def signed_out(request: Request) -> Response:
    """Answer that the session was ended."""
    session_cookie.take(request)
    return render.done(request, "/", {"signed_out": True})
