"""How the live channel bears crowds: delivery, idle pages, and readers who come back together."""

import asyncio
import math
import tempfile
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import httpx2

from service.access import session_cookie, sessions
from service.access.tokens import Signer
from service.data.cursors import Cursors
from service.messages import messages, writing
from tests.bench import boards, crowd, served
from tests.bench.rows import Figure, Row, Run, of_times
from tests.people import add_person
from tests.servers import KEY

POSTS = 30
MISSED = 640  # messages, by those who come back
PEOPLE = 40
CROWDS = {"delivery": (250, 1000), "idle": (19_000,), "reconnect": (2000,), "replay": (2000,)}
STORMS = 3  # of board and reference in turn
DEADLINE = 50  # seconds
SETTLED = 5.0  # seconds
SPARE = 1000  # files beside the readers'
CONFIRMED = b"id: "
POSTED = b"</hx-upsert>"
SETTINGS = {
    "STREAMS_TOTAL": str(served.STREAMS),
    "STREAMS_PER_USER": "1000",
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True)
class Place:
    """A server of streams, and the cookies of its people."""

    server: served.Served
    cookies: list[str]

    @asynccontextmanager
    async def crowd(
        self, count: int, after: object, awaited: bytes = CONFIRMED
    ) -> AsyncGenerator[list[crowd.Reader]]:
        """Yield readers who are live."""
        requests = [
            crowd.request(self.cookies[number % PEOPLE], str(after)) for number in range(count)
        ]
        readers = await crowd.connect(self.server.port, requests, awaited)
        await asyncio.wait([reader.live for reader in readers], timeout=DEADLINE)
        yield readers
        await crowd.leave(readers)

    def client(self) -> httpx2.AsyncClient:
        headers = {"Cookie": self.cookies[0]}
        return httpx2.AsyncClient(base_url=self.server.url, headers=headers, timeout=DEADLINE)


@contextmanager
def _both() -> Generator[tuple[Place, Place]]:
    """Serve a board with some people, and the reference."""
    with (
        tempfile.TemporaryDirectory() as folder,
        boards.empty("sqlite", "", Path(folder)) as url,
    ):
        people = [add_person(f"reader{number}") for number in range(PEOPLE)]
        signer = Signer((KEY,))
        claims = [sessions.start(who.id, who.password_hash, "Europe/Berlin", "") for who in people]
        name = session_cookie.name(signer, "http")
        cookies = [f"{name}={signer.sign(each)}" for each in claims]
        with (
            served.board(url, Path(folder), None, **SETTINGS) as (board, _),
            served.reference("tests.bench.sse:app") as reference,
        ):
            yield Place(board, cookies), Place(reference, cookies)


def files(case: str, readers: int | None) -> int:
    """Return how many files a case opens; the two crowds of a delivery are there together."""
    crowds = 2 if case == "delivery" else 1
    return crowds * max(_counts(case, readers)) + SPARE


def _counts(case: str, readers: int | None) -> tuple[int, ...]:
    return (readers,) if readers else CROWDS[case]


def delivery(run: Run) -> Iterator[Row]:
    """Milliseconds from a post until each reader has it, beside a server that passes it on."""
    for count in _counts("delivery", run.readers):
        with _both() as (board, reference):
            figures = asyncio.run(_delivery(board, reference, count))
        yield Row("delivery", count, "ms", *figures)


async def _delivery(board: Place, reference: Place, count: int) -> tuple[Figure, Figure]:
    async with (
        board.crowd(count, messages.newest_cursor()) as ours,
        reference.crowd(count, 0) as theirs,
        board.client() as client,
        reference.client() as other,
    ):
        frame = await _frame(ours, client)
        posted, passed = _Deliveries(board, ours), _Deliveries(reference, theirs)
        for number in range(POSTS):  # in turn, so that a noisy moment meets both
            async with posted.measured():
                await client.post("/api/message", json={"message": f"Message {number}"})
            async with passed.measured():
                await other.post("/", content=frame)
        return posted.figure(), passed.figure()


async def _frame(readers: list[crowd.Reader], client: httpx2.AsyncClient) -> bytes:
    """Return a frame as long as the board's."""
    before = readers[0].octets
    arrival = [reader.expect(POSTED) for reader in readers]
    await client.post("/api/message", json={"message": "Message 0"})
    await asyncio.wait(arrival, timeout=DEADLINE)
    length = readers[0].octets - before
    return b"data: " + POSTED.rjust(length - 8, b".") + b"\n\n"


class _Deliveries:
    """What is posted to a crowd, one after another."""

    def __init__(self, place: Place, readers: list[crowd.Reader]) -> None:
        self.place, self.readers = place, readers
        self.took: list[float] = []
        self.used = 0.0

    @asynccontextmanager
    async def measured(self) -> AsyncGenerator[None]:
        arrivals = [reader.expect(POSTED) for reader in self.readers]
        used, started = self.place.server.processor(), perf_counter()
        yield
        await asyncio.wait(arrivals, timeout=DEADLINE)
        self.took += [1000 * (each.result() - started) for each in arrivals if each.done()]
        self.used += self.place.server.processor() - used

    def figure(self) -> Figure:
        return of_times(self.took, self.used, asked=POSTS * len(self.readers), requests=POSTS)


def idle(run: Run) -> Iterator[Row]:
    """KiB for each open page on which nothing happens, and what comes back of them."""
    for count in _counts("idle", run.readers):
        with _both() as (board, reference):
            ours = asyncio.run(_idle(board, count, messages.newest_cursor()))
            theirs = asyncio.run(_idle(reference, count, 0))
        yield Row("idle stream", count, "KiB", ours[0], theirs[0])
        yield Row("idle streams, given back", count, "%", ours[1], theirs[1])


async def _idle(place: Place, count: int, after: object) -> tuple[Figure, Figure]:
    before = place.server.mebibytes()
    async with place.crowd(count, after) as readers:
        await asyncio.sleep(SETTLED)
        missing = sum(reader.gone.done() or not reader.live.done() for reader in readers)
        taken = place.server.mebibytes() - before
    await asyncio.sleep(SETTLED)
    back = 100 * (1 - (place.server.mebibytes() - before) / taken)
    if missing == count:
        return Figure(None, missing=missing), Figure(None)
    each = round(1024 * taken / (count - missing), 2)
    return Figure(each, missing=missing), Figure(round(back, 1))


def reconnect(run: Run) -> Iterator[Row]:
    """Seconds until all are back who come together, with nothing missed."""
    for count in _counts("reconnect", run.readers):
        with _both() as (board, reference):
            after = messages.newest_cursor()
            yield _row("reconnect storm", count, _Storm(board, after), _Storm(reference, 0))


def replay(run: Run) -> Iterator[Row]:
    """Seconds until all are back who come together, each with as much to be sent."""
    for count in _counts("replay", run.readers):
        with _both() as (board, reference):
            after, awaited = _missed()
            ours = _Storm(board, after, awaited)
            octets = asyncio.run(_octets(ours))
            yield _row("replay storm", count, ours, _Storm(reference, octets))


def _missed() -> tuple[object, bytes]:
    """Post much; return the cursor from before, and what ends the replay."""
    start = messages.newest_cursor()
    for number in range(MISSED):
        writing.post(number % PEOPLE + 1, f"Message {number}, " + "of some words " * (number % 8))
    return start, f"id: {Cursors([KEY]).sealed(messages.newest_cursor())}\n".encode()


@dataclass(frozen=True)
class _Storm:
    """Readers who come together, and what tells each that it is live."""

    place: Place
    after: object
    awaited: bytes = CONFIRMED


async def _octets(storm: _Storm) -> int:
    """Return how much is sent to one reader; the server has seen what was posted then."""
    async with storm.place.crowd(1, storm.after, storm.awaited) as (reader,):
        return reader.octets


def _row(case: str, count: int, *storms: _Storm) -> Row:
    rounds: list[list[Figure]] = [[] for _ in storms]
    for _ in range(STORMS):
        for storm, figures in zip(storms, rounds, strict=True):
            figures.append(asyncio.run(_storm(storm, count)))
    ours, theirs = (sorted(each, key=_last)[STORMS // 2] for each in rounds)  # the middle one
    return Row(case, count, "s", ours, theirs)


def _last(figure: Figure) -> float:
    return math.inf if figure.value is None else figure.value


async def _storm(storm: _Storm, count: int) -> Figure:
    server = storm.place.server
    started, used = perf_counter(), server.processor()
    async with storm.place.crowd(count, storm.after, storm.awaited) as readers:
        took = [1000 * (each.live.result() - started) for each in readers if each.live.done()]
        used = server.processor() - used
    figure = of_times(took, used, asked=count)
    if figure.value is None:
        return figure
    return replace(figure, value=round(max(filter(math.isfinite, took)) / 1000, 2))
