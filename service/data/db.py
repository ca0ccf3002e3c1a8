"""The one database handle, and every way to use it, whichever of the two databases it is."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import peewee
import psycopg2.extensions
from playhouse.pool import MaxConnectionsExceeded

from service.base import traces
from service.data import postgresql, sqlite
from service.data.postgresql import Postgresql
from service.data.sqlite import Sqlite

SIZE_SQLITE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
SIZE_POSTGRESQL = "SELECT pg_database_size(current_database())"
KEY_SHARE: Any = "FOR KEY SHARE"  # which the types of Peewee do not know
LOCK_TRIES = 100  # to have all tables alone, each for LOCK_MOMENT at most
LOCK_PAUSE = 0.1  # seconds between two tries: whoever waited has its turn
CHECKOUT_TIMEOUT = 10  # seconds to wait for a free connection of the pool

# What a lost, overloaded or full database raises; anything else is our mistake.
UNAVAILABLE = (
    peewee.OperationalError,
    peewee.InterfaceError,
    peewee.InternalError,  # among others, of a server that a failover has left read-only
    MaxConnectionsExceeded,
)

database = peewee.DatabaseProxy()
# All that a read can raise; what is raised while rows arrive, Peewee lets through as it is.
FAILURES = (*UNAVAILABLE, peewee.DatabaseError, sqlite.library.Error, psycopg2.Error)


def open_database(url: str, pool: int = 20, *, notify: bool = True) -> None:
    """Point the handle at `url`; no connection is made until one is used.

    Without `notify` the other processes hear of commits in another way than the database's.
    """
    kind = Sqlite if url.startswith("sqlite") else Postgresql
    opened = kind(url, max_connections=pool, timeout=CHECKOUT_TIMEOUT, autoconnect=False)
    if database.obj is not None:
        close_database()
    opened.notifies = opened.notifies and notify
    database.initialize(opened)


def close_database() -> None:
    """Close every idle connection, so that a forked worker inherits none."""
    # Not close_all(): a connection closed while its thread still reads crashes the process.
    database.obj.close_idle()


def on_sqlite() -> bool:
    return isinstance(database.obj, Sqlite)


def read() -> Any:
    """Return a context with a connection and no transaction, so that no reader waits."""
    return traces.around("database", database.connection_context())


@contextmanager
def write() -> Generator[None]:
    """Hold a connection and one transaction, committed at the end.

    On SQLite in turn with the other threads, whose writes may share the transaction.
    """
    with traces.part("database transaction"):
        if on_sqlite() and not database.in_transaction():
            with database.obj.write():
                yield
        else:
            with database.connection_context(), database.atomic():
                yield


def planned(statement: str, *values: int | str) -> Any:
    """Run a statement that is asked for with every page, with values for its $1, $2 and so on.

    PostgreSQL keeps its plan with the connection: to plan it may take longer than to run it.
    """
    if on_sqlite():
        return database.execute_sql(statement.replace("$", "?"), values)
    marks = ", ".join(["%s"] * len(values))
    return database.execute_sql(f"EXECUTE {database.obj.plan(statement)} ({marks})", values)


def commits() -> int | None:
    """Return a number that each write of this process changes; None where others write too."""
    return database.obj.commits if on_sqlite() else None


def locked[Row: peewee.Model](query: "peewee.ModelSelect[Row]") -> "peewee.ModelSelect[Row]":
    """Return the query with its rows locked until the transaction ends."""
    # On SQLite a write transaction is IMMEDIATE: it already holds the only lock there is.
    return query if on_sqlite() else query.for_update()


def kept[Row: peewee.Model](query: "peewee.ModelSelect[Row]") -> "peewee.ModelSelect[Row]":
    """Return the query with its rows kept from being deleted or locked until the transaction ends.

    Others may keep them, too.
    """
    return query if on_sqlite() else query.for_update(KEY_SHARE)  # as above


def alone(purpose: int) -> None:
    """Let no other transaction of the same purpose go on beside this one, from here to its end."""
    if not on_sqlite():  # as above
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (purpose,))


def ping() -> None:
    """Ask the database for one row; raise one of UNAVAILABLE if it does not answer."""
    with read():
        database.execute_sql("SELECT 1").fetchone()


def encoding() -> str:
    """Return how the database stores text; SQLite has no other way than UTF8."""
    return "UTF8" if on_sqlite() else database.execute_sql("SHOW server_encoding").fetchone()[0]


def place() -> str:
    """Return where the data is, without what is secret: a file, or a database and its host."""
    if on_sqlite():
        return database.obj.database
    return f"{database.obj.database} at {database.obj.connect_params.get('host', 'localhost')}"


def notifies() -> bool:
    """Say whether the database tells the other processes of commits."""
    return database.obj.notifies


def size() -> int:
    """Return how large the database is, in bytes."""
    return database.execute_sql(SIZE_SQLITE if on_sqlite() else SIZE_POSTGRESQL).fetchone()[0]


def notify(users: str = "") -> None:
    """Hint to the other processes that something changed, once it is committed.

    With the ids of users: that it is their lists of rooms alone.
    """
    if notifies():
        with read():
            database.execute_sql("SELECT pg_notify(%s, %s)", (postgresql.CHANNEL, users))


def listen() -> psycopg2.extensions.connection | None:
    """Return a connection of its own that hears every hint; None on SQLite (one process)."""
    return None if on_sqlite() else database.obj.listen()


@contextmanager
def snapshot() -> Generator[None]:
    """Hold a connection that sees the database as it is now, whatever is committed meanwhile.

    Nobody waits for it: writers go on, and what they write is not seen.
    """
    how = "DEFERRED" if on_sqlite() else "REPEATABLE READ READ ONLY"
    with database.connection_context(), database.atomic(how):
        yield


def keep_writers_waiting(tables: list[str]) -> None:
    """Let nobody else write until the transaction ends, however long; readers go on.

    Call it first in the transaction: whoever holds one table and waits for another has its turn.
    """
    # On SQLite a write transaction is IMMEDIATE: it already holds the only lock there is.
    if on_sqlite():
        return
    for left in reversed(range(LOCK_TRIES)):
        try:
            with database.atomic():
                database.execute_sql(f"SET LOCAL lock_timeout = '{postgresql.LOCK_MOMENT}'")
                database.execute_sql(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
            break
        except peewee.OperationalError:
            if not left:
                raise
            time.sleep(LOCK_PAUSE)
    take_time()


def go_on_after_highest_id(table: str) -> None:
    """Let new rows follow those that were inserted with their ids; undone with the transaction."""
    if not on_sqlite():  # which looks at the highest id by itself
        (highest,) = database.execute_sql(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()  # noqa: S608
        database.execute_sql(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {highest + 1}")


def take_time() -> None:
    """Lift the time limits of a transaction that takes as long as the board is large."""
    if not on_sqlite():
        for limit in ("statement", "lock", "idle_in_transaction_session"):
            database.execute_sql(f"SET LOCAL {limit}_timeout = 0")
