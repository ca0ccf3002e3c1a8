"""PostgreSQL: how the board connects to it, and how its processes hear of one another."""

import select
import zlib
from typing import Any

import psycopg2
from playhouse.pool import PooledPostgresqlDatabase
from psycopg2 import extensions

from service.base import unreadable
from service.base.addresses import postgres_parameters

CHANNEL = "board"  # of LISTEN and NOTIFY
LOCK_TIMEOUT = "5s"
LOCK_MOMENT = "500ms"  # before PostgreSQL looks for deadlocks, and ends one of those in it
OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "10s",
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
        "jit": "off",  # it compiles for longer than our queries run
    }.items()
)
CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,  # seconds
    # A server that has gone without a word is given up after some 10 seconds, not 15 minutes.
    "tcp_user_timeout": 10_000,  # milliseconds without an acknowledgement
    "keepalives_idle": 5,  # seconds, as the next
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class Connection(extensions.connection):
    """A connection that knows the names of the statements that it has planned."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.planned: set[str] = set()


class Postgresql(PooledPostgresqlDatabase):
    """A pool that asks a connection whether it still is one only where there is a reason to.

    No moment keeps the others from being read, either.
    """

    notifies = True  # its listeners of each commit

    def __init__(self, url: str, **options: Any) -> None:
        given = postgres_parameters(url)
        super().__init__(
            given.pop("dbname"),
            options=f"{OPTIONS} {given.pop('options', '')}",  # the last one counts
            connection_factory=Connection,
            **(CONNECTING | given),
            **options,
        )

    def _connect(self) -> extensions.connection:
        connection = super()._connect()
        extensions.register_type(unreadable.TIMESTAMP, connection)
        return connection

    def plan(self, statement: str) -> str:
        """Return the name of a statement that this thread's connection has planned by now."""
        connection, name = self.connection(), f"board_{zlib.crc32(statement.encode()):08x}"
        if name not in connection.planned:
            self.execute_sql(f"PREPARE {name} AS {statement}")
            connection.planned.add(name)
        return name

    def _is_closed(self, conn: extensions.connection) -> bool:
        if conn.closed:
            return True
        # A server that closes it says so first: what lies there unread may be that.
        unread = select.poll()
        unread.register(conn.fileno(), select.POLLIN)
        return bool(unread.poll(0)) and super()._is_closed(conn)

    def listen(self) -> extensions.connection:
        """Return a connection of its own, not of the pool, that hears every hint."""
        connection = psycopg2.connect(dbname=self.database, **self.connect_params)
        connection.set_isolation_level(extensions.ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        return connection
