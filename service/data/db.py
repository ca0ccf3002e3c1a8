"""The one database handle, and all that differs between SQLite and PostgreSQL."""

import secrets
import select
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import peewee
import psycopg2
import psycopg2.extensions
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase

from service.base import unreadable
from service.base.addresses import postgres_parameters
from service.base.setting import ConfigError
from service.data.turns import TurnsSqliteDatabase

CHECKOUT_TIMEOUT = 10  # seconds to wait for a free connection of the pool
BUSY_TIMEOUT = 10_000  # milliseconds a SQLite writer waits for its turn
CONNECT_TIMEOUT = 5  # seconds
# A server that has gone without a word is given up after some 10 seconds, not after 15 minutes.
DEAD_NETWORK: dict[str, Any] = {
    "tcp_user_timeout": 10_000,  # milliseconds without an acknowledgement
    "keepalives_idle": 5,  # seconds, as the next
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
OLDEST_SQLITE = (3, 42)  # its full-text index can forget what is deleted
CHANNEL = "board"  # PostgreSQL's LISTEN and NOTIFY

# What a lost, overloaded or full database raises; anything else is our mistake.
UNAVAILABLE = (
    peewee.OperationalError,
    peewee.InterfaceError,
    peewee.InternalError,  # among others, of a server that a failover has left read-only
    MaxConnectionsExceeded,
)

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged message survives a power cut
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT,
    "secure_delete": 1,  # deleted text is overwritten in the file
}
LOCK_TIMEOUT = "5s"
POSTGRES_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "10s",
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
        "jit": "off",  # it compiles for longer than our queries run
    }.items()
)

database = peewee.DatabaseProxy()
# The library that Peewee chose; a second one in the process would break the first one's locks.
sqlite3: Any = vars(peewee)["sqlite3"]
# All that a read can raise; what is raised while rows arrive, Peewee lets through as it is.
FAILURES = (*UNAVAILABLE, peewee.DatabaseError, sqlite3.Error, psycopg2.Error)


class _Sqlite(TurnsSqliteDatabase):
    """A pool of turns, in which no text keeps the others from being read."""

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.text_factory = unreadable.text
        return connection


class _Postgresql(PooledPostgresqlDatabase):
    """A pool that asks a connection whether it still is one only where there is a reason to.

    No moment keeps the others from being read, either.
    """

    def _connect(self) -> psycopg2.extensions.connection:
        connection = super()._connect()
        psycopg2.extensions.register_type(unreadable.TIMESTAMP, connection)
        return connection

    def _is_closed(self, conn: psycopg2.extensions.connection) -> bool:
        if conn.closed:
            return True
        # A server that closes it says so first: what lies there unread may be that.
        unread = select.poll()
        unread.register(conn.fileno(), select.POLLIN)
        return bool(unread.poll(0)) and super()._is_closed(conn)


def open_database(url: str, pool: int = 20) -> None:
    """Point the handle at `url`; no connection is made until one is used."""
    if url.startswith("sqlite"):
        _check_sqlite()
        file = sqlite_file(url)
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = _Sqlite(
            str(file),
            max_connections=pool,
            timeout=CHECKOUT_TIMEOUT,
            autoconnect=False,
            check_same_thread=False,  # the pool hands a connection to one thread at a time
            pragmas=SQLITE_PRAGMAS,
            # A deferred transaction that turns writer fails at once, whatever the timeout.
            lock_type="IMMEDIATE",
        )
    else:
        given = postgres_parameters(url)
        opened = _Postgresql(
            given.pop("dbname"),
            max_connections=pool,
            timeout=CHECKOUT_TIMEOUT,
            autoconnect=False,
            options=f"{POSTGRES_OPTIONS} {given.pop('options', '')}",  # the last one counts
            **({"connect_timeout": CONNECT_TIMEOUT} | DEAD_NETWORK | given),
        )
    if database.obj is not None:
        close_database()
    database.initialize(opened)


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise ConfigError(
            [f"Python brings SQLite {sqlite3.sqlite_version}; the board needs {oldest} or newer."]
        )


def close_database() -> None:
    """Close every idle connection, so that a forked worker inherits none."""
    # Not close_all(): a connection closed while its thread still reads crashes the process.
    database.obj.close_idle()


def sqlite_file(url: str) -> Path:
    """Return the file that a sqlite:/// URL names."""
    return Path(unquote(urlsplit(url).path.removeprefix("/"))).absolute()


def on_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


def read() -> Any:
    """Return a context with a connection and no transaction, so that no reader waits."""
    return database.connection_context()


@contextmanager
def write() -> Generator[None]:
    """Hold a connection and one transaction, committed at the end.

    On SQLite in turn with the other threads, whose writes may share the transaction.
    """
    if on_sqlite() and not database.in_transaction():
        with database.obj.write():
            yield
    else:
        with database.connection_context(), database.atomic():
            yield


def commits() -> int | None:
    """Return a number that each write of this process changes; None where others write too."""
    return database.obj.commits if isinstance(database.obj, TurnsSqliteDatabase) else None


def locked[Row: peewee.Model](query: "peewee.ModelSelect[Row]") -> "peewee.ModelSelect[Row]":
    """Return the query with its rows locked until the transaction ends."""
    # On SQLite a write transaction is IMMEDIATE: it already holds the only lock there is.
    return query if on_sqlite() else query.for_update()


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


def notify() -> None:
    """Hint to the other processes that something changed, once it is committed."""
    if not on_sqlite():
        with read():
            database.execute_sql("SELECT pg_notify(%s, '')", (CHANNEL,))


def listen() -> psycopg2.extensions.connection | None:
    """Return a connection of its own that hears every hint; None on SQLite (one process)."""
    if on_sqlite():
        return None
    parameters = dict(database.obj.connect_params)
    connection = psycopg2.connect(dbname=database.obj.database, **parameters)
    connection.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
    return connection


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database whole, readers and writers notwithstanding."""
    partial = target.with_name(f"{target.name}.partial")
    origin, copy = sqlite3.connect(source), sqlite3.connect(partial)
    try:
        origin.backup(copy)
    finally:
        origin.close()
        copy.close()
    partial.replace(target)


def new_epoch(file: Path) -> None:
    """Let a copied SQLite board be known as another one, so that no page goes on from before."""
    with closing(sqlite3.connect(file)) as copy, copy:
        copy.execute("UPDATE event_counter SET epoch = ?", (secrets.token_hex(4),))


@contextmanager
def snapshot() -> Generator[None]:
    """Hold a connection that sees the database as it is now, whatever is committed meanwhile.

    Nobody waits for it: writers go on, and what they write is not seen.
    """
    how = "DEFERRED" if on_sqlite() else "REPEATABLE READ READ ONLY"
    with database.connection_context(), database.atomic(how):
        yield


def keep_writers_waiting(tables: list[str]) -> None:
    """Let nobody else write until the transaction ends, however long; readers go on."""
    # On SQLite a write transaction is IMMEDIATE: it already holds the only lock there is.
    if not on_sqlite():
        take_time()
        database.execute_sql(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")


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
