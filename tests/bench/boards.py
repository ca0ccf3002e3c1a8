"""The boards to be measured: the same one on SQLite and on PostgreSQL, kept for the next time."""

import csv
import datetime as dt
import hashlib
import io
import itertools
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from service.base import words
from service.data import db, migrations, sqlite
from tests.bench import texts
from tests.people import add_person
from tests.postgresql import at_database, execute, private_server
from tests.servers import PROJECT

FOLDER = PROJECT / "var" / "bench"
BATCH = 1000  # messages in one transaction
EDITED, DELETED = 0.02, 0.01
USERS = ("id", "username", "username_key", "password_hash", "timezone", "created_at")
MESSAGES = ("id", "author_id", "text", "timestamp", "edited_at", "deleted_at", "seq")
MESSAGES += ("client_key", "words", "posted_digest", "room_id", "number", "version")
EVENTS = ("seq", "kind", "message_id", "created_at", "room_id")
ROOMS = ("id", "slug", "kind", "name", "name_key", "topic", "last_number")
ROOM_COUNT = 50
# Where one of these changed, the kept boards are no longer what would be made.
SOURCES = (Path(__file__), Path(texts.__file__), texts.WORDS, Path(words.__file__))

Row = tuple[Any, ...]


@contextmanager
def postgres() -> Generator[str]:
    """Yield the URL of TEST_DATABASE_URL's server, or of a private one that keeps its data."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    runtime = FOLDER / "runtime"
    runtime.mkdir(0o700, parents=True, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # it warns where there is none
    with private_server(FOLDER / "postgres") as url:
        yield url


@contextmanager
def empty(kind: str, server: str, folder: Path) -> Generator[str]:
    """Open a new board with Alice on it, and yield its URL."""
    name = f"board_bench_empty_{secrets.token_hex(4)}"
    url = f"sqlite:///{folder}/board.sqlite3" if kind == "sqlite" else at_database(server, name)
    if kind != "sqlite":
        execute(server, f"CREATE DATABASE {name}")
    try:
        db.open_database(url)
        migrations.upgrade(db.database.obj)
        add_person("alice")
        yield url
    finally:
        db.close_database()
        if kind != "sqlite":
            _drop(url, server)


def both(count: int, server: str, *, fresh: bool) -> tuple[dict[str, str], dict[str, float]]:
    """Return the URLs of the boards with `count` messages, and how many seconds making took."""
    name = f"board_bench_{count}_{_fingerprint()}"
    urls = {
        "sqlite": f"sqlite:///{FOLDER}/{name}.sqlite3",
        "postgresql": at_database(server, name),
    }
    missing = {
        kind: url for kind, url in urls.items() if fresh or url not in _made(kind, count, server)
    }
    for kind in missing:
        for url in _made(kind, count, server):
            _drop(url, server)
    with get_context("spawn").Pool(len(urls)) as pool:
        tasks = [(url, server, count) for url in missing.values()]
        seconds = pool.starmap(_make, tasks, chunksize=1)
    return urls, dict(zip(missing, seconds, strict=True))


def _fingerprint() -> str:
    files = (*SOURCES, *sorted(migrations.STEPS.glob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def _made(kind: str, count: int, server: str) -> list[str]:
    """Return the URLs of the boards of this size that there are."""
    prefix = f"board_bench_{count}_"
    if kind == "sqlite":
        return [f"sqlite:///{file}" for file in FOLDER.glob(f"{prefix}*.sqlite3")]
    with closing(psycopg2.connect(server)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,))
        return [at_database(server, name) for (name,) in cursor]


def _drop(url: str, server: str) -> None:
    if url.startswith("sqlite"):
        for suffix in ("", "-wal", "-shm", ".migration.lock"):
            Path(f"{sqlite.file_of(url)}{suffix}").unlink(missing_ok=True)
    else:
        execute(server, f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")


def _make(url: str, server: str, count: int) -> float:
    """Make a board, under another name until it is whole; return the seconds it took."""
    started = time.monotonic()
    making = url.replace("board_bench_", "making_board_bench_")
    _drop(making, server)
    if not making.startswith("sqlite"):
        execute(server, f"CREATE DATABASE {_name(making)}")
    db.open_database(making)
    migrations.upgrade(db.database.obj)
    with db.read():
        _fill(count)
    db.close_database()
    if making.startswith("sqlite"):
        sqlite.file_of(making).rename(sqlite.file_of(url))
        _drop(making, server)  # what lies beside it
    else:
        execute(server, f"ALTER DATABASE {_name(making)} RENAME TO {_name(url)}")
    return time.monotonic() - started


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _fill(count: int) -> None:
    if not db.on_sqlite():
        for setting in ("statement_timeout = 0", "synchronous_commit = off"):
            db.database.execute_sql(f"SET {setting}")
    _insert("users", USERS, _users())
    _insert("rooms", ROOMS, _rooms())
    for batch in itertools.batched(_messages(count), BATCH, strict=False):
        with db.database.atomic():
            _insert("messages", MESSAGES, (message for message, _ in batch))
            _insert("events", EVENTS, (event for _, events in batch for event in events))
    db.database.execute_sql("UPDATE event_counter SET seq = (SELECT max(seq) FROM events)")
    db.go_on_after_highest_id("users")
    db.go_on_after_highest_id("messages")
    db.go_on_after_highest_id("rooms")
    if not db.on_sqlite():
        db.database.execute_sql("VACUUM (ANALYZE)")  # as its autovacuum would


def _insert(table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    cursor = db.database.cursor()
    names = ", ".join(columns)
    if db.on_sqlite():
        values = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608
        return
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_NOTNULL).writerows(rows)
    lines.seek(0)
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)", lines)


def _users() -> Iterator[Row]:
    for number, name in enumerate(texts.author_names(), 1):
        yield number, name, words.name_key(name), "!", "UTC", _stored(texts.START)


def room_name(room: int) -> str:
    return f"room{room}"


def _rooms() -> Iterator[Row]:
    """Return the rows of the rooms beside the first; the migration made that."""
    for room in range(2, ROOM_COUNT + 1):
        yield room, room_name(room), "open", room_name(room), room_name(room), "", 0


def _messages(count: int) -> Iterator[tuple[Row, list[Row]]]:
    """Return the row of each message, and those of its events."""
    rng = random.Random(texts.SEED)
    seq = 0
    numbers = Counter[int]()
    for number, each in enumerate(texts.written(count), 1):
        text, stored, edited, deleted = each.text, _stored(each.moment), None, None
        kinds = ["posted"]
        if (chance := rng.random()) < DELETED:
            text, deleted = "", stored
            kinds.append("deleted")
        elif chance < DELETED + EDITED:
            edited = stored
            kinds.append("edited")
        room = rng.randrange(ROOM_COUNT) + 1
        numbers[room] += 1
        events = [(seq + place, kind, number, stored, room) for place, kind in enumerate(kinds, 1)]
        seq += len(events)
        digest = hashlib.sha256(text.encode()).hexdigest() if text else ""
        found_by = words.indexed(text, each.author, each.moment)
        key = f"{rng.getrandbits(88):022x}"
        message = (number, each.author, text, stored, edited, deleted, seq, key, found_by, digest)
        yield (*message, room, numbers[room], len(kinds)), events


def _stored(moment: dt.datetime) -> str:
    return str(moment.replace(tzinfo=None))
