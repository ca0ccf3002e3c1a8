"""Servers of streams, each with a crowd that reads there."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from service.access import session_cookie, sessions
from service.access.tokens import Signer
from service.rooms import places
from tests.bench import boards, crowd, served
from tests.bench.crowd import Reader
from tests.people import add_person
from tests.servers import KEY

PEOPLE = 40
DEADLINE = 50  # seconds
CONFIRMED = b"id: "
SETTINGS = {
    "STREAMS_TOTAL": str(served.STREAMS),
    "STREAMS_PER_USER": "1000",
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True)
class Place:
    """A server of streams, and the cookies of its people."""

    server: served.Served
    people: list[int]
    cookies: list[str]
    rooms: Sequence[places.Place] = (
        places.BOARD_PLACE,
    )  # by turns; what is posted is in the first

    @asynccontextmanager
    async def crowd(
        self, count: int, after: object, awaited: bytes = CONFIRMED
    ) -> AsyncGenerator[list[Reader]]:
        """Yield readers who are live."""
        requests = [
            crowd.request(_turn(self.cookies, number), str(after), _turn(self.rooms, number).slug)
            for number in range(count)
        ]
        readers = await crowd.connect(self.server.port, requests, awaited)
        await asyncio.wait([reader.live for reader in readers], timeout=DEADLINE)
        yield readers
        await crowd.leave(readers)

    def first(self, readers: list[Reader]) -> list[Reader]:
        """Return those who are in the first room."""
        return readers[:: len(self.rooms)]

    def client(self) -> httpx2.AsyncClient:
        headers = {"Cookie": self.cookies[0]}
        return httpx2.AsyncClient(base_url=self.server.url, headers=headers, timeout=DEADLINE)


def _turn[T](those: Sequence[T], number: int) -> T:
    return those[number % len(those)]


@contextmanager
def both(count: int = PEOPLE) -> Generator[tuple[Place, Place, str]]:
    """Serve a board with some people, and the reference; yield the board's URL, too."""
    with (
        tempfile.TemporaryDirectory() as folder,
        boards.empty("sqlite", "", Path(folder)) as url,
    ):
        people = [add_person(f"reader{number}") for number in range(count)]
        signer = Signer((KEY,))
        claims = [sessions.start(who.id, who.password_hash, "Europe/Berlin", "") for who in people]
        name = session_cookie.name(signer, "http")
        cookies = [f"{name}={signer.sign(each)}" for each in claims]
        with (
            served.board(url, Path(folder), None, **SETTINGS) as (board, _),
            served.reference("tests.bench.sse:app") as reference,
        ):
            ids = [who.id for who in people]
            yield Place(board, ids, cookies), Place(reference, ids, cookies), url
