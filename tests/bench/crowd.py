"""Many readers of streams in one process of little means: it must cost less than the server."""

import asyncio
import resource
import time
from collections.abc import Callable
from typing import Any, override

HEAD_END = b"\r\n\r\n"
SOURCES = 40  # addresses of this machine that readers come from: each has some 28,000 ports
AT_ONCE = 200  # readers that connect at the same moment
REFUSED = b"HTTP/1.1 503"


class Reader(asyncio.Protocol):
    """One open stream: notes when it began, and the moment at which it has read `awaited`."""

    def __init__(self, request: bytes, awaited: bytes = HEAD_END) -> None:
        self.request = request
        self.octets = 0
        self.status = b""
        self.live = asyncio.get_running_loop().create_future()
        self.gone = asyncio.get_running_loop().create_future()
        self.transport = None
        self._tail = b""
        self._awaited = awaited

    def expect(self, awaited: bytes) -> asyncio.Future[float]:
        """Return the moment at which something more will have been read."""
        self.live = asyncio.get_running_loop().create_future()
        self._awaited, self._tail = awaited, b""
        return self.live

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport  # uvloop's is of no kind that asyncio knows
        self.transport.write(self.request)

    @override
    def data_received(self, data: bytes) -> None:
        self.status = self.status or data[:12]
        self.octets += len(data)
        if self.live.done():
            return
        seen = self._tail + data
        if self._awaited in seen:
            self.live.set_result(time.perf_counter())
        self._tail = seen[-len(self._awaited) :]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        for each in (self.live, self.gone):
            if not each.done():
                each.set_result(time.perf_counter() if each is self.gone else float("inf"))


def allow_files(count: int) -> None:
    """Let this process, and what it starts, have so many connections; raise ValueError if not."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))  # root may raise it


def request(cookie: str, after: str, room: str) -> bytes:
    """Return the request for a stream, as long as a browser's."""
    return (
        f"GET /api/events?room={room}&after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: {cookie}\r\n"
        "Accept: text/event-stream\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
        "Accept-Encoding: gzip, deflate, br, zstd\r\nHX-Request: true\r\nHX-Source: div#stream\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0\r\n"
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\r\n"
    ).encode()


async def connect(
    port: int, requests: list[bytes], awaited: bytes = HEAD_END, at_once: int = AT_ONCE
) -> list[Reader]:
    """Open a stream with each request and return the readers, without waiting for an answer."""
    loop, slots = asyncio.get_running_loop(), asyncio.Semaphore(at_once)

    async def one(number: int, request: bytes) -> Reader:
        async with slots:
            source = (f"127.0.1.{1 + number % SOURCES}", 0)
            make: Callable[[], Reader] = lambda: Reader(request, awaited)  # noqa: E731
            _, reader = await loop.create_connection(make, "127.0.0.1", port, local_addr=source)
            return reader

    return list(await asyncio.gather(*(one(*each) for each in enumerate(requests))))


async def leave(readers: list[Reader]) -> None:
    """Close every stream."""
    for reader in readers:
        if reader.transport:
            reader.transport.abort()
    await asyncio.gather(*(reader.gone for reader in readers))
