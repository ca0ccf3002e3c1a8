"""Clients that ask again as soon as they are answered, each on a connection of its own."""

import asyncio
import itertools
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from tests.bench.rows import Figure, Round, of_rounds, of_times
from tests.bench.served import Served

SECONDS = 2.0  # of each round
ROUNDS = 3  # of each server in turn, so that a noisy moment meets all
GRACE = 10.0  # seconds for what was asked before a round's end
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
NUMBERS = itertools.count(1)

Ask = Callable[[int], bytes]  # a request, by a number that comes once
Work = Callable[[int], Round]  # a round with so many clients


def in_turn(
    works: dict[str, Work], clients: int, figure: Callable[[list[Round]], Figure] = of_rounds
) -> dict[str, Figure]:
    """Let each work some rounds, in turn."""
    rounds: dict[str, list[Round]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            rounds[name].append(work(clients))
    return {name: figure(each) for name, each in rounds.items()}


def milliseconds(rounds: list[Round]) -> Figure:
    """Return how long the answers took, in place of how many there were."""
    took = [each for one in rounds for each in one.took]
    missing = sum(one.missing for one in rounds)
    return of_times(took, sum(one.cpu for one in rounds), asked=len(took) + missing)


def at(server: Served, ask: Ask) -> Work:
    """Return the work of asking a server."""
    return lambda clients: asyncio.run(_round(server, ask, clients))


async def _round(server: Served, ask: Ask, count: int) -> Round:
    loop = asyncio.get_running_loop()
    clients = [_Client(ask) for _ in range(count)]
    used, started = server.processor(), perf_counter()
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", server.port)
    done = [client.done for client in clients]
    await asyncio.wait(done, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    for client in clients:
        client.last = True
    await asyncio.wait(done, timeout=GRACE)
    seconds, used = perf_counter() - started, server.processor() - used
    missing = sum(client.hang_up() for client in clients)
    return Round([each for client in clients for each in client.took], seconds, used, missing)


class _Client(asyncio.Protocol):
    """One connection; a stream of asyncio's would cost more."""

    def __init__(self, ask: Ask) -> None:
        self.took: list[float] = []
        self.last = False
        self.done = asyncio.get_running_loop().create_future()
        self._ask = ask
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._received, self._started = b"", perf_counter()
        self._transport.write(self._ask(next(NUMBERS)))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.done.done() or not _is_whole(self._received):
            return
        if not self._received.startswith(b"HTTP/1.1 20"):
            self.done.set_exception(RuntimeError(self._received.decode()))
            return
        self.took.append(1000 * (perf_counter() - self._started))
        if self.last:
            self.done.set_result(None)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("closed by the server"))

    def hang_up(self) -> bool:
        """Say whether the last answer is missing; raises what went wrong on the way."""
        self._transport.abort()
        if self.done.done():
            self.done.result()
            return False
        self.done.cancel()
        return True


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(HEAD_END)
    if not end:
        return False
    if CHUNKED.search(head):
        return body.endswith(LAST_CHUNK)
    length = LENGTH.search(head)
    return not length or len(body) >= int(length[1])
