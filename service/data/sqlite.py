"""SQLite: its one file, and how the board opens it."""

import secrets
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import peewee

from service.base import unreadable
from service.base.setting import ConfigError
from service.data.turns import TurnsSqliteDatabase

# The library that Peewee chose; a second one in the process would break the first one's locks.
library: Any = vars(peewee)["sqlite3"]
OLDEST = (3, 42)  # its full-text index can forget what is deleted
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged message survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 10_000,  # milliseconds a writer waits for its turn
    "secure_delete": 1,  # deleted text is overwritten in the file
}


class Sqlite(TurnsSqliteDatabase):
    """A pool of turns, in which no text keeps the others from being read."""

    notifies = False  # nobody listens

    def __init__(self, url: str, **options: Any) -> None:
        _check_version()
        file = file_of(url)
        file.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(
            str(file),
            check_same_thread=False,  # the pool hands a connection to one thread at a time
            pragmas=PRAGMAS,
            # A deferred transaction that turns writer fails at once, whatever the timeout.
            lock_type="IMMEDIATE",
            **options,
        )

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.text_factory = unreadable.text
        return connection


def _check_version() -> None:
    if library.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ConfigError(
            [f"Python brings SQLite {library.sqlite_version}; the board needs {oldest} or newer."]
        )


def file_of(url: str) -> Path:
    """Return the file that a sqlite:/// URL names."""
    return Path(unquote(urlsplit(url).path.removeprefix("/"))).absolute()


def copy(source: Path, target: Path) -> None:
    """Copy a database whole, readers and writers notwithstanding."""
    partial = target.with_name(f"{target.name}.partial")
    origin, copied = library.connect(source), library.connect(partial)
    try:
        origin.backup(copied)
    finally:
        origin.close()
        copied.close()
    partial.replace(target)


def new_epoch(file: Path) -> None:
    """Let a copied board be known as another one, so that no page goes on from before."""
    with closing(library.connect(file)) as copied, copied:
        copied.execute("UPDATE event_counter SET epoch = ?", (secrets.token_hex(4),))
