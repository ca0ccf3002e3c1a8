"""Reads over HTTP, as many as so many clients get, beside an empty FastAPI route."""

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service import messages
from tests.bench.posting import empty_board
from tests.people import PASSWORD
from tests.servers import PROJECT, Server, free_port

CLIENTS = (1, 16)
SECONDS = 1.0  # of each round
ROUNDS = 3  # board and reference in turn, so that a noisy moment meets both
MESSAGES = 300
TEXT = "Deployed v1.2.{}: https://example.org/{} is open again, lunch is at noon."
EMPTY = "empty route"
CASES = {
    "healthz": ("/healthz", "*/*", "identity"),
    "list": ("/api/messages", "application/json", "identity"),
    "page": ("/msgs", "text/html", "identity"),
    "page, gzip": ("/msgs", "text/html", "gzip"),
}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
START_TIMEOUT = 30  # seconds

Row = dict[str, Any]


def measure(kind: str, server: str) -> list[Row]:
    """Return the requests per second of each case on a board of that kind, medians of rounds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_board(kind, server, Path(folder) / "board") as url,
        _reference() as reference,
    ):
        for number in range(MESSAGES):
            messages.post(1, TEXT.format(number, number))
        board = Server(url, Path(folder) / "log", {})
        board.start()
        try:
            cookies = board.sign_in("alice", PASSWORD).cookies
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
            asked = {EMPTY: (reference, _request("/", "*/*", "identity", cookie))}
            for case, what in CASES.items():
                asked[case] = (board.port, _request(*what, cookie))
            return [row for clients in CLIENTS for row in _rows(clients, asked)]
        finally:
            board.close()


def table(kind: str, rows: list[Row]) -> Generator[str]:
    yield f"\nReads on {kind}, of {MESSAGES} messages; the client shares the cores"
    yield f"{'':14}{'clients':>8}{'reads/s':>10}{'of empty':>10}"
    for row in rows:
        yield f"{row['case']:14}{row['clients']:8}{row['rate']:10.1f}{row['share']:10.2f}"


@contextmanager
def _reference() -> Generator[int]:
    """Yield the port where the empty route is served, by the same server as the board."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-log"]
    command += ["--host", "127.0.0.1", "--port", str(port), "tests.bench.empty:app"]
    with subprocess.Popen(command, cwd=PROJECT) as process:
        try:
            asyncio.run(_listening(port))
            yield port
        finally:
            process.terminate()


async def _listening(port: int) -> None:
    async with asyncio.timeout(START_TIMEOUT):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _request(path: str, accept: str, encoding: str, cookie: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: board\r\nAccept: {accept}\r\n"
    return f"{head}Accept-Encoding: {encoding}\r\nCookie: {cookie}\r\n\r\n".encode()


def _rows(clients: int, asked: dict[str, tuple[int, bytes]]) -> list[Row]:
    rates: dict[str, list[float]] = {case: [] for case in asked}
    for _ in range(ROUNDS):
        for case, (port, request) in asked.items():
            rates[case].append(asyncio.run(_reads(clients, port, request)))
    medians = {case: statistics.median(each) for case, each in rates.items()}
    return [
        {
            "case": case,
            "clients": clients,
            "rate": round(rate, 1),
            "share": round(rate / medians[EMPTY], 3),
        }
        for case, rate in medians.items()
    ]


async def _reads(clients: int, port: int, request: bytes) -> float:
    """Read from so many connections at once; return the answers per second."""
    loop = asyncio.get_running_loop()
    readers = [_Reader(request) for _ in range(clients)]
    started = time.perf_counter()
    for reader in readers:
        await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", port)
    done = [reader.done for reader in readers]
    await asyncio.wait(done, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    seconds = time.perf_counter() - started
    for reader in readers:
        reader.stop()
    return sum(reader.count for reader in readers) / seconds


class _Reader(asyncio.Protocol):
    """One connection that asks again as soon as it is answered; a stream would cost more."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.count = 0
        self.done = asyncio.get_running_loop().create_future()
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return
        if length and head.startswith(b"HTTP/1.1 200"):
            self.count += 1
            self._received = b""
            self._transport.write(self.request)
        elif not self.done.done():
            self.done.set_exception(RuntimeError(head.decode()))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("closed by the server"))

    def stop(self) -> None:
        """Hang up; raises what went wrong on the way."""
        if self.done.done():
            self.done.result()
        self.done.cancel()
        self._transport.close()
