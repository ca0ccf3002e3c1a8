"""Backups put in a board's place, and what is there afterwards."""

from pathlib import Path

from service.access.visible import EVERYONE
from service.data import db
from service.data.tables import EventCounter
from service.keep import restore, saved
from service.messages import messages
from service.search import query
from tests.inside import run
from tests.keeping import at, whole


def put_in_place(path: Path, *, replace: bool = False) -> None:
    with saved.opened(path) as whole_file:
        restore.put_in_place(whole_file, replace=replace)


def counter() -> tuple[str, int]:
    with db.read():
        row = EventCounter.get()
        return row.epoch, row.seq


def texts(search: str) -> list[str]:
    return [
        message.text
        for message in messages.newest(EVERYONE, query=query.parse(search, "UTC")).messages
    ]


def check_index() -> None:
    """Let SQLite compare its index with what it stands for."""
    if db.on_sqlite():
        with db.write():
            db.database.execute_sql("PRAGMA integrity_check")
            db.database.execute_sql(
                "INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)"
            )


def refusal(url: str, file: Path, *flags: str) -> str:
    """Return the one sentence in which a restore refused, having touched nothing."""
    with at(url):
        before, where = whole(), counter()
    done = run(url, "restore", str(file), *flags)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    with at(url):
        assert (whole(), counter()) == (before, where)
    return line.removeprefix("Error: ")
