"""Why the database fails a request or a start: the cause, not what came of it."""

import re
import shutil
from collections.abc import Iterator

import psycopg2
from psycopg2 import errorcodes

from service.data import db, sqlite

KINDS = (
    *db.UNAVAILABLE,
    sqlite.library.OperationalError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
)
LEAST_FREE = 1_000_000  # bytes that SQLite's next few writes need
# What the driver says of a connection that no waiting makes possible; PostgreSQL gives it no code.
HOPELESS = re.compile(
    "authentication failed|no password supplied|does not exist|pg_hba.conf|not permitted to log in"
    "|permission denied for database|invalid (sslmode|channel_binding|connection option)"
    "|does not support SSL|certificate|unsupported startup parameter|invalid port number"
)


def cause(failure: BaseException) -> BaseException:
    """Return the first failure of the database's that led to this one, or this one itself.

    A full disk or a lost connection makes the rollback fail as well, and that is what arrives.
    """
    return [found for found in _chain(failure) if isinstance(found, KINDS) or found is failure][-1]


def reason(failure: BaseException) -> str:
    """Return the cause in one line, as the database words it."""
    return str(cause(failure)).strip().partition("\n")[0]


def is_full(failure: BaseException) -> bool:
    """Say whether the database found no room on its disk."""
    found = cause(failure)
    if isinstance(found, psycopg2.Error):
        return found.pgcode == errorcodes.DISK_FULL
    return "disk is full" in str(found)


def is_hopeless(failure: BaseException) -> bool:
    """Say whether a connection fails for a reason that does not go by itself."""
    lines = str(failure).strip().splitlines()
    # One line for each host and way that was tried: one of them may come up.
    tried = [line for line in lines if not line.startswith((" ", "\t"))]
    return bool(tried) and all(HOPELESS.search(line) for line in tried)


def has_room() -> bool:
    """Say whether the disk of SQLite's file takes another write; PostgreSQL's can't be asked."""
    if not db.on_sqlite():
        return True
    return shutil.disk_usage(db.database.obj.database).free >= LEAST_FREE


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__
