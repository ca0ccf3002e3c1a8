"""Who is asking, and from where."""

import logging
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import cookies, places, sessions
from service.access.cookies import Given
from service.access.places import Device
from service.access.tokens import Claims, Signer
from service.accounts.sign_in import Visitor
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import Forbidden, NotSignedIn
from service.base.paces import Changes

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN_FORMS = ("/", "/api/login")  # the latter where a form comes back with an error
security = logging.getLogger("service.security")


async def identify(scope: Scope) -> Claims:
    """Return who is asking; raise NotSignedIn.

    A token past its half hour whose session stands is exchanged for a fresh one, which the answer
    brings along. A session's end is noticed within 5 seconds.
    """
    request = Request(scope)
    claims = claimed(scope)
    if claims is None:
        raise NotSignedIn
    ended = sessions.ended_sessions.holds(claims.session_id)
    if ended:
        raise NotSignedIn
    if not claims.fresh:
        claims = await lanes.run(scope, "writes", sessions.renew, claims.session_id)
        give_token(request, claims)
    elif ended is None and not await lanes.run(scope, "reads", sessions.stands, claims.session_id):
        raise NotSignedIn
    parts.put(scope, claims)
    return claims


async def signed_in(request: Request) -> Claims:
    return await identify(request.scope)


async def changing(request: Request) -> Claims:
    """Return who is asking to change something; raise TooManyRequests if they do so too often."""
    claims = await identify(request.scope)
    parts.of(request, Changes).take(claims.user_id)
    return claims


async def maybe_signed_in(request: Request) -> Claims | None:
    try:
        return await identify(request.scope)
    except NotSignedIn:
        return None


SignedIn = Annotated[Claims, Depends(signed_in)]
Changing = Annotated[Claims, Depends(changing)]
MaybeSignedIn = Annotated[Claims | None, Depends(maybe_signed_in)]


def cookie_name(signer: Signer, scheme: str, base: str = "") -> str:
    """Return the name of the cookie that holds the token."""
    return cookies.named("session", signer.marks[0], scheme, base)


def _cookie_names(scope: Scope) -> list[str]:
    """Return the names a token may come under: of the newest key, of older ones, of release 0.3.0.

    The last one can go with the next release: a session has ended by then.
    """
    signer, base = parts.of(scope, Signer), parts.of(scope, Settings).base
    scheme = scope["scheme"]
    before = "__Host-session" if scheme == "https" else "session"
    return [*(cookies.named("session", mark, scheme, base) for mark in signer.marks), before]


def give_token(request: Request, claims: Claims) -> None:
    """Let the answer to this request set the cookie of these claims."""
    parts.put(request, claims)
    lifetime = int(sessions.LIFETIME.total_seconds())
    token = parts.of(request, Signer).sign(claims)
    set_cookie(request, _own_name(request), token, lifetime)


def take_token(request: Request) -> None:
    """Let the answer to this request delete the cookie."""
    set_cookie(request, _own_name(request), "", 0)


def _own_name(request: Request) -> str:
    base = parts.of(request, Settings).base
    return cookie_name(parts.of(request, Signer), request.scope["scheme"], base)


def set_cookie(request: Request, name: str, value: str, max_age: int) -> None:
    """Let the answer to this request set a cookie, for so many seconds."""
    carrier = Response()
    carrier.set_cookie(
        name,
        value,
        max_age=max_age,
        path=parts.of(request, Settings).base or "/",
        httponly=True,
        samesite="lax",
        secure=request.scope["scheme"] == "https",
    )
    given = parts.maybe(request, Given) or Given()
    parts.put(request, Given(given | {name: carrier.headers["set-cookie"]}))


def visitor(request: Request) -> Visitor:
    """Return who wants to sign in."""
    agent = request.headers.get("user-agent", "")
    return Visitor(client_address(request), agent, _device(request))


def _device(request: Request) -> Device | None:
    signer, base = parts.of(request, Signer), parts.of(request, Settings).base
    scheme = request.scope["scheme"]
    names = [cookies.named("device", mark, scheme, base) for mark in signer.marks]
    return places.read_device(signer, cookies.read(request.scope, *names))


def give_device(request: Request, device: Device) -> None:
    """Let the answer set the cookie that outlives a session, and tells the device from others."""
    signer, base = parts.of(request, Signer), parts.of(request, Settings).base
    name = cookies.named("device", signer.marks[0], request.scope["scheme"], base)
    lifetime = int(places.LIFETIME.total_seconds())
    set_cookie(request, name, places.sign_device(signer, device), lifetime)


def client_address(request: Request) -> str:
    """Return the address that sent the request, through the trusted proxies if there are any."""
    return request.client.host if request.client else "unknown"


def is_from_here(headers: Headers, scheme: str, public_origin: str = "") -> bool | None:
    """Say whether a page of this origin sent the request; None if nothing tells.

    `public_origin` is where browsers find the board, whatever a proxy says they asked for.
    """
    site = headers.get("sec-fetch-site")
    if site:
        return site == "same-origin"
    origin = headers.get("origin") or headers.get("referer")
    if not origin:
        return None
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    own = {f"{scheme}://{headers.get('host', '')}", public_origin}
    return f"{parts.scheme}://{parts.netloc}" in own


def claimed(scope: Scope) -> Claims | None:
    """Return what a token of ours claims, whether or not its session still stands."""
    return parts.of(scope, Signer).read(cookies.read(scope, *_cookie_names(scope)))


def keeps_no_cookies(request: Request) -> bool:
    """Say whether a browser comes from the sign-in form, and without what a sign-in sets."""
    settings = parts.of(request, Settings)
    if not is_from_here(request.headers, request.scope["scheme"], settings.public_origin):
        return False
    forms = [settings.base + path for path in SIGN_IN_FORMS]
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
            # A form that its user resubmits from the address bar counts as none.
            typed = headers.get("sec-fetch-site") == "none"
            public = parts.of(scope, Settings).public_origin
            here = is_from_here(headers, scope["scheme"], public)
            if here is False and not typed:
                security.warning(
                    "cross-origin request refused: it came from %.200r, the board is at %.200r. "
                    "Behind a proxy: is that named in TRUSTED_PROXIES, and does it pass Host on?",
                    headers.get("origin") or headers.get("referer") or "another site",
                    public or f"{scope['scheme']}://{headers.get('host', '')}",
                )
                raise Forbidden
        await self.app(scope, receive, send)
