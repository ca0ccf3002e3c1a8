"""Where a request comes from: a page of the board, of another site, or no page at all."""

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.base import parts
from service.base.config import Settings
from service.base.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# From which one comes signed in; as `/api/login` where a form comes back with an error.
SIGN_IN_FORMS = ("/", "/api/login", "/setup", "/api/setup", "/join", "/api/join")
SIGN_IN_FORMS += ("/email", "/api/email")
security = logging.getLogger("service.security")


def is_own(scope: Scope, headers: Headers) -> bool | None:
    """Say whether a page of this board's origin sent the request; None if nothing tells.

    PUBLIC_URL is where browsers find the board, whatever a proxy says they asked for.
    """
    site = headers.get("sec-fetch-site")
    if site:
        return site == "same-origin"
    sender = headers.get("origin") or headers.get("referer")
    if not sender:
        return None
    try:
        sent_from = urlsplit(sender)
    except ValueError:
        return False
    return f"{sent_from.scheme}://{sent_from.netloc}" in _own(scope, headers)


def is_elsewhere(scope: Scope, headers: Headers) -> bool:
    """Say whether a page of another origin sent the request, and nobody who typed its address."""
    # A form that its user resubmits from the address bar counts as typed.
    return is_own(scope, headers) is False and headers.get("sec-fetch-site") != "none"


def _own(scope: Scope, headers: Headers) -> set[str]:
    asked = f"{scope['scheme']}://{headers.get('host', '')}"
    return {asked, parts.of(scope, Settings).public_origin}


def keeps_no_cookies(request: Request) -> bool:
    """Say whether a browser comes from the sign-in form, and without what a sign-in sets."""
    if not is_own(request.scope, request.headers):
        return False
    forms = [parts.of(request, Settings).base + path for path in SIGN_IN_FORMS]
    return "cookie" not in request.headers and _path_before(request.headers) in forms


def _path_before(headers: Headers) -> str | None:
    """Return the path of the page that led here, if its browser tells."""
    try:
        return urlsplit(headers.get("referer", "")).path
    except ValueError:
        return None


class CrossOriginCheck:
    """Refuses state changes that a page of another origin sends; programs send no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            if is_elsewhere(scope, headers):
                _tell(scope, headers)
                raise Forbidden
        await self.app(scope, receive, send)


def _tell(scope: Scope, headers: Headers) -> None:
    security.warning(
        "cross-origin request refused: it came from %.200r, the board is at %.200r. "
        "Behind a proxy: is that named in TRUSTED_PROXIES, and does it pass Host on?",
        headers.get("origin") or headers.get("referer") or "another site",
        parts.of(scope, Settings).public_origin or f"{scope['scheme']}://{headers.get('host', '')}",
    )
