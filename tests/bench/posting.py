"""Posts over HTTP, as fast as so many clients can, beside the same two rows by the driver alone."""

import asyncio
import itertools
import json
import secrets
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service import db, migrations
from tests.bench.measure import summary
from tests.people import PASSWORD, add_person
from tests.postgresql import at_database, execute
from tests.servers import Server

CLIENTS = (1, 4, 16)
SECONDS = 2.0  # of each round
ROUNDS = 3  # board and reference in turn, so that a noisy moment meets both
TEXT = "Deployed v1.2.{}: the kitchen is open again, lunch is at noon."
HEADERS = b"POST /api/message HTTP/1.1\r\nHost: board\r\nContent-Type: application/json\r\n"
ROWS = (
    "INSERT INTO messages (author_id, text, timestamp, client_key, words, posted_digest, seq)"
    " VALUES (1, 'Lunch', '2026-01-01', {mark}, '# lunch', '', 0) RETURNING id",
    "INSERT INTO events (seq, kind, message_id, created_at)"
    " VALUES ({mark}, 'posted', {mark}, '2026-01-01')",
)
EVENTS = itertools.count(1)

Row = dict[str, Any]


def measure(kind: str, server: str) -> list[Row]:
    """Return posts per second and how long each took, in milliseconds, on a board of that kind."""
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_board(kind, server, Path(folder) / "board") as url,
        empty_board(kind, server, Path(folder) / "bare"),
    ):
        board = Server(url, Path(folder) / "log", {})
        board.start()
        try:
            cookies = board.sign_in("alice", PASSWORD).cookies
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
            return [_row(clients, board.port, cookie) for clients in CLIENTS]
        finally:
            board.close()


def table(kind: str, rows: list[Row]) -> Generator[str]:
    yield f"\nPosts on {kind}; milliseconds; bare: the same two rows through the driver, by one"
    yield f"{'clients':>8}{'posts/s':>10}{'p50':>8}{'p99':>8}{'max':>8}{'bare/s':>10}{'of it':>8}"
    for row in rows:
        numbers = "".join(f"{row[name]:8.1f}" for name in ("p50", "p99", "max"))
        share = row["rate"] / row["bare"]
        yield f"{row['clients']:8}{row['rate']:10.1f}{numbers}{row['bare']:10.1f}{share:8.2f}"


@contextmanager
def empty_board(kind: str, server: str, folder: Path) -> Generator[str]:
    """Open a new board with Alice on it, and yield its URL."""
    name = f"board_bench_posts_{secrets.token_hex(4)}"
    url = f"sqlite:///{folder}/board.sqlite3" if kind == "sqlite" else at_database(server, name)
    if kind != "sqlite":
        execute(server, f"CREATE DATABASE {name}")
    try:
        db.open_database(url)
        migrations.upgrade(db.database.obj)
        add_person("alice")
        yield url
        db.close_database()
    finally:
        if kind != "sqlite":
            execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _row(clients: int, port: int, cookie: str) -> Row:
    took: list[float] = []
    bare: list[int] = []
    for _ in range(ROUNDS):
        took += asyncio.run(_posts(clients, port, cookie))
        bare.append(_bare())
    seconds = ROUNDS * SECONDS
    return {
        "clients": clients,
        "rate": round(len(took) / seconds, 1),
        **summary(took),
        "bare": round(sum(bare) / seconds, 1),
    }


async def _posts(clients: int, port: int, cookie: str) -> list[float]:
    """Post from so many connections at once; return the milliseconds each post took."""
    end = time.perf_counter() + SECONDS
    each = [_client(number, port, cookie, end) for number in range(clients)]
    return [one for took in await asyncio.gather(*each) for one in took]


async def _client(number: int, port: int, cookie: str, end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    while time.perf_counter() < end:
        body = json.dumps({"message": TEXT.format(f"{number}.{len(took)}")}).encode()
        more = f"Cookie: {cookie}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        started = time.perf_counter()
        writer.write(HEADERS + more + body)
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = [
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ]
        await reader.readexactly(length)
        took.append(1000 * (time.perf_counter() - started))
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(head.decode())
    writer.close()
    return took


def _bare() -> int:
    """Insert the rows of one post after another into the open board; return how many."""
    message, event = (each.format(mark="?" if db.on_sqlite() else "%s") for each in ROWS)
    end, count = time.perf_counter() + SECONDS, 0
    with db.read():
        cursor = db.database.cursor()
        while time.perf_counter() < end:
            cursor.execute("BEGIN IMMEDIATE" if db.on_sqlite() else "BEGIN")
            cursor.execute(message, (secrets.token_hex(8),))
            cursor.execute(event, (next(EVENTS), cursor.fetchone()[0]))
            cursor.execute("COMMIT")
            count += 1
    return count
