"""Requests as programs really send them: with HEAD, addresses in raw UTF-8, and what they take."""

import re
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.assets import takes_gzip
from service.errors import Malformed

RAW = re.compile(rb"[^\x00-\x7f]")


class HeadAsGet:
    """Answers HEAD as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope["method"] = "GET"
            await self.app(scope, receive, without_body)
        else:
            await self.app(scope, receive, send)


class Compressed(GZipMiddleware):
    """Compresses for those who take that: a little less than could be, in a third of the time."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=1000, compresslevel=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and takes_gzip(Headers(scope=scope)):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class PlainQuery:
    """Gives a query the form it should have had: what is not ASCII as escaped UTF-8."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["query_string"] = _escaped(scope["query_string"])
        await self.app(scope, receive, send)


def _escaped(query: bytes) -> bytes:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise Malformed("The address is not in UTF-8.") from None
    return RAW.sub(lambda found: b"%%%02X" % ord(found[0]), query)
