"""The body of a request: limited in size and time, and kept in case its answer is a failure."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.base import parts
from service.base.errors import MAX_BODY, TooLarge, TooSlow

ANNOUNCE = frozenset({b"content-length", b"transfer-encoding"})  # headers, of a body
BODY_TIMEOUT = 20.0  # seconds; half-sent bodies would fill the server in the end


class Body:
    """What has come of one body; raises TooLarge and TooSlow as it comes."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self.received = bytearray()
        self.length = headers.get("content-length", "0")
        # Of a request that says nothing of a body there is none to come.
        self.whole = self.length == "0" and "transfer-encoding" not in headers
        self._receive = receive
        self._deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT

    async def receive(self) -> Message:
        try:
            async with asyncio.timeout_at(None if self.whole else self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        self.received += message.get("body", b"")
        self.whole = not message.get("more_body", False)
        if len(self.received) > MAX_BODY:
            raise TooLarge
        return message

    async def read_on(self) -> bytes:
        """Return the body, or as much of it as is taken and comes in time."""
        with suppress(TooLarge, TooSlow):
            while not self.whole:
                await self.receive()
        return bytes(self.received[:MAX_BODY])


class BodyLimit:
    """Refuses bodies that are too large or slow; FastAPI's own limit would answer in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _can_have_one(scope):
            await self.app(scope, receive, send)
            return
        body = Body(receive, Headers(scope=scope))
        parts.put(scope, body)
        if body.length.isdecimal() and int(body.length) > MAX_BODY:
            raise TooLarge
        await self.app(scope, body.receive, send)


def _can_have_one(scope: Scope) -> bool:
    """Say whether a body may come: in HTTP/2 one need not be announced."""
    return scope["method"] not in {"GET", "HEAD"} or any(
        name in ANNOUNCE for name, _ in scope["headers"]
    )
