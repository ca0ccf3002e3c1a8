"""Signing out."""

import logging
from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access import begun, origins, session_cookie, sessions, visitors
from service.access.guards import MaybeSignedIn
from service.access.identity import Identity
from service.accounts import sign_in_routes
from service.base import lanes, parts
from service.base.errors import Forbidden, LeftOpen
from service.data import db, outages
from service.web import failures, render
from service.web.forms import documented

router = APIRouter()
security = logging.getLogger("service.security")


@router.get(
    "/api/logout",
    summary="Sign out by a link",
    openapi_extra=documented(
        (200, "A page with a button, for a plain visit from elsewhere."),
        (303, "Signed out; on to the sign-in page."),
        (403, "Another site asked."),
    ),
)
@lanes.on("writes")
def logout(request: Request, _: MaybeSignedIn) -> Response:
    """End this session. Only this site's own links and programs do it at once; else it asks."""
    from_here = origins.is_own(request.scope, request.headers)
    if from_here and "sec-fetch-dest" in request.headers and "referer" not in request.headers:
        from_here = False  # a link in a message: those send no Referer
    if from_here:
        return _sign_out(request, render.redirect)
    ask = partial(_ask, request)
    if from_here is None:
        return render.answer(request, page=ask, program=partial(_sign_out, request))
    return ask()


def _ask(request: Request) -> Response:
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        raise Forbidden
    return render.html(request, "accounts/sign_out.html")


# A form's own origin is told even where no Referer is: a button that asked with GET asked for ever.
@router.post(
    "/api/logout",
    summary="Sign out",
    openapi_extra=documented(
        (200, "Signed out (htmx and programs)."),
        (303, "Signed out; on to the sign-in page (a browser's form)."),
        (403, "Another site asked."),
        (503, "The cookie is deleted, but the session could not be ended."),
    ),
)
def sign_out(request: Request) -> Response:
    """End this session."""
    return _sign_out(request)


def _done(request: Request, target: str) -> Response:
    return render.done(request, target, {"signed_out": True})


def _sign_out(request: Request, go_on: Callable[[Request, str], Response] = _done) -> Response:
    """End the session; whatever becomes of that, this browser forgets it."""
    session_cookie.take(request)
    target = "/"
    if me := session_cookie.holder(request):
        try:
            sessions.leave(me)
            if began_at := begun.method(me.session_id):
                target = f"/?left={began_at}"  # where they may want to sign out, too
        except db.UNAVAILABLE as failure:
            return _tell_left_open(request, me, failure)
        parts.put(request, me)
    return go_on(request, target)


def _tell_left_open(request: Request, me: Identity, failure: Exception) -> Response:
    reason = outages.reason(failure)
    told = {"user_id": me.user_id, "client": visitors.address(request)}
    security.warning("a session that was signed out of stays open: %s", reason, extra=told)
    form, short = (
        partial(sign_in_routes.refused, request, LeftOpen()),
        partial(failures.show, request, LeftOpen()),
    )
    return render.answer(request, page=form, fragment=short, program=short)
