"""Boards to be saved and restored: filled, looked at whole, and their files forged."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.base import clock, words
from service.data import db, migrations
from service.data.tables import Event, EventCounter, Message, Session
from service.keep import archive, seal
from service.keep.formats import FORMATS, NEWEST
from service.messages import messages, writing
from service.people import people
from tests.inside import run
from tests.people import add_person, password_hash
from tests.servers import KEY, PROJECT

Row = dict[str, Any]
Rows = dict[str, list[Row]]
# Texts that a file or a database may get wrong.
ODD = (
    "'; DROP TABLE users; --",
    '{"a": "\\u0041"}',
    "é 日本語 👩‍👩‍👧 שלום",
    "a\u2028b\u0085c\nd",
    "%s ? \\",
)

# The operating system's own account of a child, ru_maxrss, begins with what its parent holds; and
# what was needed to start and given back must not hide what a command needs.
MEASURED = """
from pathlib import Path
from service import cli
from service.access import tokens

Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
cli.main(standalone_mode=False)
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(peak)
"""


@contextmanager
def at(url: str) -> Generator[None]:
    """Open a database, migrated, in the place of the one that is open."""
    before = db.database.obj
    db.open_database(url)
    migrations.upgrade(db.database.obj)
    try:
        yield
    finally:
        db.close_database()
        db.database.initialize(before)


def story() -> None:
    """Let Alice and Bob do everything that a board can hold."""
    alice, bob = add_person("alice"), add_person("Bøb")
    for text in ODD:
        writing.post(alice.id, text)
    edited = writing.post(bob.id, "First", client_key="a-key")
    writing.edit(Member(bob.id), edited.id, "Second thoughts")
    deleted = writing.post(bob.id, "A mistake")
    writing.delete(Member(bob.id), deleted.id)
    people.disable(OPERATOR, bob.id)


def older(url: str) -> None:
    """Make the board of a release that knew no search, with a message in it."""
    db.open_database(url)
    with db.read():
        Runner(db.database.obj, str(migrations.STEPS), table_name=migrations.HISTORY).up(
            "0001_board"
        )
        db.database.execute_sql(
            "INSERT INTO users (id, username, username_key, password_hash, timezone, created_at)"  # noqa: S608
            f" VALUES (1, 'alice', 'alice', '{password_hash()}', 'UTC', '2026-11-22 10:00:00')"
        )
        db.database.execute_sql(
            "INSERT INTO messages (id, author_id, text, timestamp, seq, client_key, posted_digest)"
            " VALUES (1, 1, 'Before the upgrade', '2026-11-22 10:00:00', 1, 'key', '')"
        )
    db.close_database()


def fill(count: int) -> None:
    """Let a user post many short messages, faster than one by one."""
    author, now = add_person("writer").id, clock.now()
    first = messages.newest_cursor().seq + 1
    with db.write():
        for numbers in batched(range(first, first + count), 500, strict=False):
            rows = [_message(number, author) | {"timestamp": now} for number in numbers]
            Message.insert_many(rows).execute()
            Event.insert_many(
                {"seq": n, "kind": "posted", "message": n, "created_at": now} for n in numbers
            ).execute()
        EventCounter.update(seq=first + count - 1).execute()
        db.go_on_after_highest_id("messages")


def _message(number: int, author: int) -> Row:
    text = f"message {number}"
    return {
        "id": number,
        "author": author,
        "text": text,
        "words": words.indexed(text, author, clock.now()),
        "seq": number,
        "client_key": f"key-{number}",
        "posted_digest": f"{number:064x}",
    }


def whole() -> Rows:
    """Return every row of the open database that a backup is to keep."""
    with db.read():
        return {entry.name: _rows(entry) for entry in FORMATS[NEWEST]}


def _rows(entry: archive.Entry) -> list[Row]:
    rows: Any = entry.table.select(*entry.fields).order_by(entry.fields[0]).dicts()
    return list(rows)


def sessions_there_are() -> int:
    with db.read():
        return Session.select().count()


def restored(url: str, file: Path, *flags: str) -> None:
    """Restore a file as people do."""
    done = run(url, "restore", str(file), *flags)
    assert done.returncode == 0, done.stderr


def forge(
    source: Path,
    target: Path,
    change: Callable[[dict[str, bytes]], object] = lambda _: None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write a backup with other files in it, and a seal that fits."""
    with zipfile.ZipFile(source) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    change(files)
    made = io.BytesIO()
    with seal.sealed(made) as sealed, zipfile.ZipFile(sealed, "w", compression) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
        zipped.comment = seal.ROOM
    target.write_bytes(made.getvalue())
    return target


def manifest(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as zipped:
        return json.loads(zipped.read(archive.MANIFEST))


def peak_memory(url: str, *arguments: str) -> int:
    """Run a command of the board's and return the most memory it held, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-2])
