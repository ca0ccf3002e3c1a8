"""How the live channel bears crowds: delivery, idle pages, and readers who come back together."""

import asyncio
import json
import os
import statistics
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import click
import httpx2

from service import db, guards, messages, migrations, sessions
from service.tokens import Signer
from tests.bench import boards, crowd, report
from tests.people import add_person
from tests.servers import KEY, Server

POSTS = 30
MISSED = 640  # messages, by those who come back
PEOPLE = 40
DEADLINE = 50  # seconds
SETTLED = 5.0  # seconds
SPARE = 1000  # files beside the readers'
CONFIRMED = b"id: "
POSTED = b"</hx-upsert>"
Row = dict[str, float]


class Board:
    """A board of its own with some people, and a crowd's way in."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/board.sqlite3"
        db.open_database(url)
        migrations.upgrade(db.database.obj)
        people = [add_person(f"reader{number}") for number in range(PEOPLE)]
        signer = Signer((KEY,))
        claims = [sessions.start(who.id, who.password_hash, "Europe/Berlin", "") for who in people]
        name = guards.cookie_name(signer, "http")
        self.cookies = [f"{name}={signer.sign(each)}" for each in claims]
        environ = {"STREAMS_TOTAL": "100000", "STREAMS_PER_USER": "1000", "LOG_LEVEL": "WARNING"}
        self.server = Server(url, folder / "log", environ)
        self.server.start()
        (self.worker,) = self.server.workers()

    def mebibytes(self) -> float:
        lines = Path(f"/proc/{self.worker}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def processor(self) -> float:
        """Return the seconds of a core that the server has used."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

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


async def delivery(board: Board, count: int) -> Row:
    """Post, and see how many milliseconds later each of the readers has it."""
    took: list[float] = []
    async with (
        board.crowd(count, messages.newest_cursor()) as readers,
        httpx2.AsyncClient(
            base_url=board.server.url, headers={"Cookie": board.cookies[0]}
        ) as client,
    ):
        used = board.processor()
        for number in range(POSTS):
            arrivals = [reader.expect(POSTED) for reader in readers]
            started = perf_counter()
            await client.post("/api/message", json={"message": f"Message {number}"})
            await asyncio.wait(arrivals, timeout=DEADLINE)
            took += [1000 * (each.result() - started) for each in arrivals if each.done()]
        used = board.processor() - used
    cuts = statistics.quantiles(took, n=100)
    return {"p50 ms": cuts[49], "p99 ms": cuts[98], "CPU ms a post": 1000 * used / POSTS}


async def idle(board: Board, count: int) -> Row:
    """Open pages on which nothing happens, then close them."""
    before = board.mebibytes()
    async with board.crowd(count, messages.newest_cursor()) as readers:
        await asyncio.sleep(SETTLED)
        live = sum(not reader.gone.done() for reader in readers)
        full = board.mebibytes()
    await asyncio.sleep(SETTLED)
    back = 100 * (full - board.mebibytes()) / (full - before)
    return {"live": live, "MiB": full, "KiB each": 1024 * (full - before) / count, "% back": back}


async def reconnect(board: Board, count: int) -> Row:
    """Let everybody come back at the same moment with nothing missed."""
    return await _storm(board, count, messages.newest_cursor(), CONFIRMED)


async def replay(board: Board, count: int) -> Row:
    """Let everybody come back at the same moment, after many messages."""
    start = messages.newest_cursor()
    for number in range(MISSED):
        messages.post(number % PEOPLE + 1, f"Message {number}, " + "of some words " * (number % 8))
    end = messages.newest_cursor()
    await asyncio.sleep(2)  # so that the server has seen them
    return await _storm(board, count, start, f"id: {end}\n".encode())


async def _storm(board: Board, count: int, after: object, awaited: bytes) -> Row:
    started, used = perf_counter(), board.processor()
    async with board.crowd(count, after, awaited) as readers:
        moments = [reader.live.result() - started for reader in readers if reader.live.done()]
        used = board.processor() - used
    moments = sorted(moment for moment in moments if moment < DEADLINE)
    longest = {"p50 s": statistics.median(moments), "last s": moments[-1]} if moments else {}
    return {"live": len(moments), **longest, "CPU ms each": 1000 * used / count}


Part = Callable[[Board, int], Awaitable[Row]]
PARTS: dict[str, tuple[Part, tuple[int, ...]]] = {
    "delivery": (delivery, (250, 1000)),
    "idle": (idle, (19_000,)),
    "reconnect": (reconnect, (2000,)),
    "replay": (replay, (2000,)),
}


@click.command(help=__doc__)
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--readers", type=int, help="How many there are, in place of each part's own.")
def main(parts: tuple[str, ...], readers: int | None) -> None:
    most = readers or max(count for name in parts or PARTS for count in PARTS[name][1])
    try:
        crowd.allow_files(most + SPARE)
    except ValueError:
        raise click.ClickException(f"Let it open {most + SPARE} files (ulimit -Hn).") from None
    data = report.machine()
    click.echo(f"{data['processor']}, {data['cores']} cores with a load of {data['load']}")
    for name in parts or PARTS:
        part, counts = PARTS[name]
        for count in (readers,) if readers else counts:
            with tempfile.TemporaryDirectory() as folder:
                board = Board(Path(folder))
                try:
                    row = asyncio.run(_run(part(board, count)))
                finally:
                    board.server.close()
                    db.close_database()
            data[f"{name} {count}"] = row
            values = "  ".join(f"{what} {value:.1f}" for what, value in row.items())
            click.echo(f"{name:<10} {count:>6} readers  {values}")
    boards.FOLDER.mkdir(parents=True, exist_ok=True)
    (boards.FOLDER / "streams.json").write_text(json.dumps(data, indent=2) + "\n")


async def _run(work: Awaitable[Row]) -> Row:
    return await work


if __name__ == "__main__":
    main()
