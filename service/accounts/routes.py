"""One's own account: time zone, password, sessions."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access import audit, session_cookie, sessions, tokens, visitors
from service.access.audit import Actor
from service.access.guards import WITH_PASSWORDS, ConfirmingOwning, Owning
from service.access.throttle import Throttle
from service.accounts import accounts, current_password, pages, sign_in
from service.base import clock, lanes, parts
from service.base.errors import Invalid
from service.data import db
from service.web.forms import Submitted, documented

router = APIRouter()
SessionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/account", summary="Account page", response_class=HTMLResponse)
@lanes.on("reads")
def account(request: Request, me: Owning, done: str = "") -> Response:
    return pages.show(request, me, notice=pages.NOTICES.get(done))


@router.post(
    "/api/account/timezone",
    summary="Set the time zone",
    openapi_extra=documented(
        *pages.DONE, (422, "No such zone."), user_timezone=(True, "A zone's name, as Europe/Berlin")
    ),
)
@lanes.on("writes")
def set_timezone(request: Request, me: Owning, fields: Submitted) -> Response:
    """Set the zone of this session and of later sign-ins."""
    zone = fields["user_timezone"]
    if zone not in clock.zone_names():
        return pages.refused(
            request, me, Invalid(user_timezone="Choose a time zone from the list.")
        )
    accounts.keep_zone(me.user_id, zone)
    session_cookie.give(request, sessions.keep_zone(me.session_id, zone))
    return pages.done(request, "timezone")


@router.post(
    "/api/account/password",
    summary="Change the password",
    dependencies=WITH_PASSWORDS,
    openapi_extra=documented(
        *pages.DONE,
        (
            422,
            "The current password is wrong, or the new one too short, too long or easy to guess.",
        ),
        (429, "Too many failed tries; see Retry-After."),
        current_password=(True, "The password as it is"),
        new_password=(True, "8-100 characters, hard to guess"),
    ),
)
async def change_password(request: Request, me: Owning, fields: Submitted) -> Response:
    """Change the password and end all sessions; this device goes on in a new one."""
    try:
        new = fields["new_password"]
        words = (await run_sync(accounts.get, me.user_id)).words
        await run_sync(accounts.check_new_password, new, *words, request.app.title)
        verified = await current_password.check(request, me, fields["current_password"])
        new_hash = await tokens.hash_password_in_turn(new)
        change = partial(sessions.change_password, me, verified, new_hash)
        by = audit.actor(request, me)
        me = await lanes.run(request.scope, "writes", _noted, by, "password.changed", change)
    except Invalid as failure:
        return await run_sync(pages.refused, request, me, failure)
    session_cookie.give(request, me)
    throttle, visitor = parts.of(request, Throttle), visitors.of(request)
    device = await run_sync(sign_in.know, throttle, visitor, me.user_id, new_hash)
    visitors.give_device(request, device)
    return await run_sync(pages.done, request, "password")


@router.post(
    "/api/account/sessions/{session_id}/end",
    summary="End one of my sessions",
    openapi_extra=documented(*pages.DONE, (404, "No such session of yours.")),
)
@lanes.on("writes")
def end_session(request: Request, me: ConfirmingOwning, session_id: SessionId) -> Response:
    """End a session, on whatever device it is; its pages notice within 5 seconds."""
    end = partial(sessions.end, me.user_id, session_id)
    _noted(audit.actor(request, me), "session.ended", end)
    if session_id == me.session_id:
        return pages.signed_out(request)
    return pages.done(request, "session")


@router.post(
    "/api/account/sessions/end",
    summary="End all my sessions",
    openapi_extra=documented(*pages.DONE),
)
@lanes.on("writes")
def end_all_sessions(request: Request, me: ConfirmingOwning) -> Response:
    """End every session, this one included."""
    end = partial(sessions.end_all, me.user_id)
    _noted(audit.actor(request, me), "sessions.ended", end)
    return pages.signed_out(request)


def _noted[T](by: Actor, action: str, change: Callable[[], T]) -> T:
    """Do it and write it to the audit log, both or neither."""
    with db.write():
        done = change()
        audit.note(by, action)
    return done
