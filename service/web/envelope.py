"""What surrounds every request: its limits, a log line, headers, and an answer to every failure."""

import logging
import re
import secrets
import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.cookies import Given
from service.access.identity import Identity
from service.base import metrics, parts, records
from service.base.drain import Drain
from service.base.hashed import Asset
from service.base.parts import Parts, Route
from service.web import failures
from service.web.bodies import Body

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # what a proxy may call a request
OK = HTTPStatus.OK
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # told by their names
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
# A file runs nothing by itself: all it needs is to be taken for what it is.
FILE_HEADERS = {"X-Content-Type-Options": "nosniff"}
HEADERS = {
    (scheme, is_file): [
        (name.lower().encode(), value.encode()) for name, value in (headers | more).items()
    ]
    for scheme, more in {"http": {}, "https": {"Strict-Transport-Security": HSTS}}.items()
    for is_file, headers in ((False, SECURITY_HEADERS), (True, FILE_HEADERS))
}

access = logging.getLogger("service.access")


class Envelope:
    """What surrounds every request: an id, a log line, headers, and an answer to every failure."""

    def __init__(self, app: ASGIApp, own: Parts) -> None:
        self.app = app
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parts.begin(scope, self.own)
        records.request_id.set(_request_id(scope))
        exchange = _Exchange(scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        except Exception as failure:
            # FastAPI answers a failure by itself, then raises it once more.
            if not exchange.status:
                response = await failures.answer(Request(scope), failure)
                await response(scope, receive, exchange.send)
            elif not exchange.complete:
                raise  # half an answer is out: the server closes the connection
        exchange.end()


def _request_id(scope: Scope) -> str:
    """Return the id that a trusted proxy gave the request, or a new one if that is none."""
    given = scope.get("given_id")
    return given if given and GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


class _Exchange:
    """One request and its answer: adds the headers, then writes the access line."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.status = 0
        self.complete = False
        self._method = scope["method"]  # before a HEAD is served as a GET
        self._send = send
        self._started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message.setdefault("headers", []))
        await self._send(message)
        self.complete = message["type"] == "http.response.body" and not message.get("more_body")

    def _add_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        headers += HEADERS[self.scope["scheme"], parts.maybe(self.scope, Asset) is not None]
        headers.append((b"x-request-id", records.request_id.get().encode("latin-1")))
        if given := parts.maybe(self.scope, Given):
            headers += [(b"set-cookie", each.encode("latin-1")) for each in given.values()]
        if self._is_last():
            headers.append((b"connection", b"close"))

    def _is_last(self) -> bool:
        """Say whether a proxy must not send another request on this connection."""
        drain, body = parts.maybe(self.scope, Drain), parts.maybe(self.scope, Body)
        # What is left of a body that was refused still lies in the connection.
        return bool((drain and drain.begun) or (body and not body.whole))

    def end(self) -> None:
        """Write the access line, and measure it, unless it was a stream: those last for hours."""
        route, seconds = self.scope.get("route"), time.perf_counter() - self._started
        path = getattr(route, "path", "-")
        if not (isinstance(route, Route) and route.endless and self.status == OK):
            method = self._method if self._method in METHODS else "other"
            metrics.requests.observe(seconds, method, path, str(self.status))
        self._log(path, seconds)

    def _log(self, path: str, seconds: float) -> None:
        identity = parts.maybe(self.scope, Identity)
        token = identity and identity.token_id
        access.info(
            "%s %s",
            self._method,
            path,
            extra={
                "status": self.status,
                "milliseconds": round(seconds * 1000, 1),
                "user_id": identity.user_id if identity else None,
                "client": (self.scope.get("client") or ("-",))[0],
                **({"token_id": token} if token else {}),
            },
        )
