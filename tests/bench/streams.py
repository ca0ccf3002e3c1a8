"""How the live channel bears crowds: delivery, idle pages, and readers who come back together."""

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import perf_counter

import httpx2

from service.data.cursors import Cursors
from service.messages import messages, writing
from tests.bench import crowd
from tests.bench.rows import Figure, Row, Run, of_times
from tests.bench.streaming import CONFIRMED, DEADLINE, PEOPLE, Place, both
from tests.servers import KEY

POSTS = 30
MISSED = 640  # messages, by those who come back
CROWDS = {"delivery": (250, 1000), "idle": (19_000,), "reconnect": (2000,), "replay": (2000,)} | {
    "events": (2000,)
}
STORMS = 3  # of board and reference in turn
SETTLED = 5.0  # seconds
SPARE = 1000  # files beside the readers'
POSTED = b"</hx-upsert>"


def files(case: str, readers: int | None) -> int:
    """Return how many files a case opens; the two crowds of a delivery are there together."""
    crowds = 2 if case in {"delivery", "events"} else 1
    return crowds * max(counts(case, readers)) + SPARE


def counts(case: str, readers: int | None) -> tuple[int, ...]:
    return (readers,) if readers else CROWDS[case]


def delivery(run: Run) -> Iterator[Row]:
    """Milliseconds from a post until each reader has it, beside a server that passes it on."""
    for count in counts("delivery", run.readers):
        with both() as (board, reference, _):
            figures = asyncio.run(delivered(board, reference, count))
        yield Row("delivery", count, "ms", *figures)


async def delivered(board: Place, reference: Place, count: int) -> tuple[Figure, Figure]:
    """Post into the first room, and return what it took until its readers had it."""
    async with (
        board.crowd(count, _newest()) as crowd_of_ours,
        reference.crowd(count, 0) as crowd_of_theirs,
        board.client() as client,
        reference.client() as other,
    ):
        ours, theirs = board.first(crowd_of_ours), reference.first(crowd_of_theirs)
        room = board.rooms[0]
        address = f"{room.api}/message"
        frame = await _frame(ours, client, address)
        posted, passed = _Deliveries(board, ours), _Deliveries(reference, theirs)
        for number in range(POSTS):  # in turn, so that a noisy moment meets both
            async with posted.measured():
                await _post(client, address, number)
            async with passed.measured():
                await other.post("/", params={"room": room.slug}, content=frame)
        return posted.figure(), passed.figure()


def _newest() -> str:
    return Cursors([KEY]).sealed(messages.newest_cursor())


async def _frame(readers: list[crowd.Reader], client: httpx2.AsyncClient, address: str) -> bytes:
    """Return a frame as long as the board's."""
    before = readers[0].octets
    arrival = [reader.expect(POSTED) for reader in readers]
    await _post(client, address, 0)
    await asyncio.wait(arrival, timeout=DEADLINE)
    length = readers[0].octets - before
    return b"data: " + POSTED.rjust(length - 8, b".") + b"\n\n"


async def _post(client: httpx2.AsyncClient, address: str, number: int) -> None:
    answer = await client.post(address, json={"message": f"Message {number}"})
    answer.raise_for_status()


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
    for count in counts("idle", run.readers):
        with both() as (board, reference, _):
            ours = asyncio.run(_idle(board, count, _newest()))
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
    for count in counts("reconnect", run.readers):
        with both() as (board, reference, _):
            after = _newest()
            yield _row("reconnect storm", count, _Storm(board, after), _Storm(reference, 0))


def replay(run: Run) -> Iterator[Row]:
    """Seconds until all are back who come together, each with as much to be sent."""
    for count in counts("replay", run.readers):
        with both() as (board, reference, _):
            after, awaited = _missed()
            ours = _Storm(board, after, awaited)
            octets = asyncio.run(_octets(ours))
            yield _row("replay storm", count, ours, _Storm(reference, octets))


def _missed() -> tuple[object, bytes]:
    """Post much; return the cursor from before, and what ends the replay."""
    start = _newest()
    for number in range(MISSED):
        writing.post(number % PEOPLE + 1, f"Message {number}, " + "of some words " * (number % 8))
    return start, f"id: {_newest()}\n".encode()


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
