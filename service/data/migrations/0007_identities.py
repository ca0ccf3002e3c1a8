"""Who people are at providers, which sessions began there, and what is good once only.

The release before goes on writing: what it knows nothing of may be empty.
"""

import time
from collections.abc import Iterable
from typing import Any

from peewee import Database, OperationalError, SqliteDatabase

atomic = False  # on PostgreSQL the release before this one serves meanwhile: nothing locks it out
TRIES = 100  # to have a table to itself, each at most for the next
LOCK_TIMEOUT = "500ms"
PAUSE = 1.0  # seconds between two tries: whoever waited has its turn

COLUMNS = (
    ("users", "role_from", "VARCHAR(20)"),
    ("sessions", "method", "VARCHAR(20)"),
    ("sessions", "identity_id", "INTEGER REFERENCES identities (id) ON DELETE SET NULL"),
    ("sessions", "idp_sid", "VARCHAR(255)"),
)
TABLES = (
    """CREATE TABLE identities (
        id {serial} PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        issuer VARCHAR(255) NOT NULL,
        subject VARCHAR(255) NOT NULL,
        name VARCHAR(254) NOT NULL,
        created_at {moment} NOT NULL,
        used_at {moment} NOT NULL
    )""",
    "CREATE UNIQUE INDEX identities_issuer_subject ON identities (issuer, subject)",
    "CREATE UNIQUE INDEX identities_user_id_issuer ON identities (user_id, issuer)",
    "CREATE TABLE spent (hash VARCHAR(64) NOT NULL PRIMARY KEY, expires_at {moment} NOT NULL)",
    "CREATE INDEX spent_expires_at ON spent (expires_at)",
)
# A session is looked for when a provider ends it, or its identity goes.
INDEXES = {
    "sessions_idp_sid": "sessions (idp_sid)",
    "sessions_identity": "sessions (identity_id)",
}
SQLITE = {"moment": "DATETIME", "serial": "INTEGER NOT NULL", "concurrently": ""}
POSTGRESQL = {
    "moment": "timestamp",
    "serial": "serial NOT NULL",
    "concurrently": "CONCURRENTLY",
}


def up(_migrator: Any, db: Database) -> None:
    on_sqlite = isinstance(db, SqliteDatabase)
    words = SQLITE if on_sqlite else POSTGRESQL
    if not db.table_exists("spent"):
        with db.atomic():
            _execute(db, TABLES, words)
    for table in dict.fromkeys(table for table, _, _ in COLUMNS):
        _change(db, table, words)
    for name, place in INDEXES.items():
        if not on_sqlite:
            # One that was left half made is made again.
            db.execute_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        _execute(db, (f"CREATE INDEX {{concurrently}} IF NOT EXISTS {name} ON {place}",), words)


def _change(db: Database, table: str, words: dict[str, str]) -> None:
    """Change a table, once nobody else has it: whoever comes meanwhile waits a moment."""
    there = {column.name for column in db.get_columns(table)}
    added = [
        f"ALTER TABLE {table} ADD COLUMN {name} {kind}"
        for of, name, kind in COLUMNS
        if of == table and name not in there
    ]
    for left in reversed(range(TRIES)):
        try:
            with db.atomic():
                if words is POSTGRESQL:
                    db.execute_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                _execute(db, added, words)
            return
        except OperationalError:
            if not left:
                raise
            time.sleep(PAUSE)


def _execute(db: Database, statements: Iterable[str], words: dict[str, str]) -> None:
    for statement in statements:
        db.execute_sql(statement.format(**words))
