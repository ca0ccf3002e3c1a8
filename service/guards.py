"""Who is asking, from where, and what every answer carries along."""

import logging
import secrets
import time
from typing import Annotated
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from fastapi import Depends
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import db, logs, render, sessions
from service.errors import BoardError, Forbidden, NotSignedIn, TooLarge, Unavailable
from service.tokens import Claims, Signer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 64 * 1024  # bytes
HSTS = "max-age=31536000"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, forms over plain HTTP would send `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

access = logging.getLogger("service.access")
security = logging.getLogger("service.security")


async def identify(scope: Scope) -> Claims:
    """Return who is asking; raise NotSignedIn.

    A token past its half hour whose session stands is exchanged for a fresh one, which the answer
    brings along. A session's end is noticed within 5 seconds.
    """
    request = Request(scope)
    signer: Signer = scope["state"]["signer"]
    claims = signer.read(request.cookies.get(cookie_name(scope), ""))
    if claims is None:
        raise NotSignedIn
    ended = sessions.ended_sessions.holds(claims.session_id)
    if ended:
        raise NotSignedIn
    if not claims.fresh:
        claims = await run_sync(sessions.renew, claims.session_id)
        give_token(request, claims)
    elif ended is None and not await run_sync(sessions.stands, claims.session_id):
        raise NotSignedIn
    scope["state"]["identity"] = claims
    return claims


async def signed_in(request: Request) -> Claims:
    return await identify(request.scope)


async def maybe_signed_in(request: Request) -> Claims | None:
    try:
        return await identify(request.scope)
    except NotSignedIn:
        return None


SignedIn = Annotated[Claims, Depends(signed_in)]
MaybeSignedIn = Annotated[Claims | None, Depends(maybe_signed_in)]


def cookie_name(scope: Scope) -> str:
    """Return the cookie's name; over HTTPS one that only this host can have set."""
    return "__Host-session" if scope["scheme"] == "https" else "session"


def give_token(request: Request, claims: Claims) -> None:
    """Let the answer to this request set the cookie of these claims."""
    signer: Signer = request.scope["state"]["signer"]
    request.scope["state"]["identity"] = claims
    _set_cookie(request, signer.sign(claims), int(sessions.LIFETIME.total_seconds()))


def take_token(request: Request) -> None:
    """Let the answer to this request delete the cookie."""
    _set_cookie(request, "", 0)


def _set_cookie(request: Request, value: str, max_age: int) -> None:
    carrier = Response()
    carrier.set_cookie(
        cookie_name(request.scope),
        value,
        max_age=max_age,
        httponly=True,
        samesite="lax",
        secure=request.scope["scheme"] == "https",
    )
    request.scope["state"]["cookie"] = carrier.headers["set-cookie"]


def is_from_here(headers: Headers, scheme: str) -> bool | None:
    """Say whether a page of this origin sent the request; None if nothing tells."""
    site = headers.get("sec-fetch-site")
    if site:
        return site == "same-origin"
    origin = headers.get("origin") or headers.get("referer")
    if not origin:
        return None
    parts = urlsplit(origin)
    return (parts.scheme, parts.netloc) == (scheme, headers.get("host", ""))


class CrossOriginCheck:
    """Refuses state changes that a page of another origin sends; programs send no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            # A form that its user resubmits from the address bar counts as none.
            typed = headers.get("sec-fetch-site") == "none"
            if is_from_here(headers, scope["scheme"]) is False and not typed:
                security.warning("cross-origin request refused")
                raise Forbidden
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses bodies over MAX_BODY; FastAPI's own limit would answer in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length) > MAX_BODY:
            raise TooLarge
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise TooLarge
            return message

        await self.app(scope, limited, send)


class TrustedProxies:
    """Takes the client's address and scheme from the headers of the named proxies alone."""

    def __init__(self, app: ASGIApp, proxies: tuple[str, ...]) -> None:
        self.app: ASGIApp = wrap_asgi_with_proxy_headers(app, trusted_hosts=list(proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Envelope:
    """What surrounds every request: an id, a log line, headers, and an answer to every failure."""

    def __init__(self, app: ASGIApp, **state: object) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), **self.state}
        logs.request_id.set(secrets.token_hex(8))
        exchange = _Exchange(scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        except Exception as failure:
            # FastAPI answers a failure by itself, then raises it once more.
            if not exchange.status:
                response = await run_sync(answer_failure, Request(scope), failure)
                await response(scope, receive, exchange.send)
            elif not exchange.complete:
                raise  # half an answer is out: the server closes the connection
        exchange.log()


def answer_failure(request: Request, failure: Exception) -> Response:
    """Return the answer to a failure of any kind; log what is our mistake."""
    if isinstance(failure, BoardError):
        return render.error(request, failure)
    if isinstance(failure, db.UNAVAILABLE):
        access.warning("database unavailable: %s", str(failure).strip())
        return render.error(request, Unavailable())
    access.error("unexpected failure", exc_info=failure)
    return render.error(request, BoardError())


class _Exchange:
    """One request and its answer: adds the headers, then writes the access line."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.status = 0
        self.complete = False
        self._send = send
        self._started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(MutableHeaders(raw=message.setdefault("headers", [])))
        await self._send(message)
        self.complete = message["type"] == "http.response.body" and not message.get("more_body")

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers[name] = value
        if self.scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = HSTS
        headers["X-Request-ID"] = logs.request_id.get()
        headers.setdefault("Cache-Control", "no-store")
        if cookie := self.scope["state"].get("cookie"):
            headers.append("Set-Cookie", cookie)

    def log(self) -> None:
        identity: Claims | None = self.scope["state"].get("identity")
        route = self.scope.get("route")
        access.info(
            "%s %s",
            self.scope["method"],
            getattr(route, "path", None) or self.scope["state"].get("route", "-"),
            extra={
                "status": self.status,
                "milliseconds": round((time.perf_counter() - self._started) * 1000, 1),
                "user_id": identity.user_id if identity else None,
                "client": (self.scope.get("client") or ("-",))[0],
                "request_id": logs.request_id.get(),
            },
        )
