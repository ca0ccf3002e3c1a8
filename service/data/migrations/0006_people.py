"""People: their roles, names to be shown and addresses, what links invite, options, the audit log.

The release before goes on writing: what it knows nothing of has a default. Whoever has an account
is a member; `board user role` makes the first admin.
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
    ("users", "role", "VARCHAR(16) NOT NULL DEFAULT 'member'"),
    ("users", "display_name", "VARCHAR(50)"),
    ("users", "display_key", "VARCHAR(200)"),
    ("users", "display_skeleton", "VARCHAR(200)"),
    ("users", "email", "VARCHAR(254)"),
    ("users", "email_key", "VARCHAR(254)"),
    ("users", "email_verified_at", "{moment}"),
    ("users", "pending_at", "{moment}"),
    ("users", "wanted_name", "VARCHAR(50)"),
    ("users", "pending_note", "VARCHAR(200)"),
    ("users", "deleted_at", "{moment}"),
    ("users", "emptying_at", "{moment}"),
    ("sessions", "address", "VARCHAR(64)"),
    ("sessions", "confirmed_at", "{moment}"),
    ("messages", "removed_at", "{moment}"),
)
TABLES = (
    """CREATE TABLE audit (
        id {serial} PRIMARY KEY,
        at {moment} NOT NULL,
        actor_id INTEGER,
        actor VARCHAR(64) NOT NULL,
        action VARCHAR(32) NOT NULL,
        target_id INTEGER,
        target VARCHAR(64) NOT NULL,
        address VARCHAR(64) NOT NULL,
        detail TEXT NOT NULL
    )""",
    "CREATE INDEX audit_at ON audit (at)",
    "CREATE INDEX audit_actor ON audit (actor_id)",
    "CREATE INDEX audit_target ON audit (target_id)",
    """CREATE TABLE options (
        name VARCHAR(50) NOT NULL PRIMARY KEY,
        value TEXT NOT NULL,
        changed_at {moment} NOT NULL,
        changed_by_id INTEGER REFERENCES users (id) ON DELETE SET NULL
    )""",
    """CREATE TABLE links (
        id {serial} PRIMARY KEY,
        purpose VARCHAR(16) NOT NULL,
        code_hash VARCHAR(64) NOT NULL UNIQUE,
        role VARCHAR(16),
        user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
        email VARCHAR(254),
        note VARCHAR(200) NOT NULL,
        created_by_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
        created_at {moment} NOT NULL,
        expires_at {moment} NOT NULL,
        max_uses INTEGER NOT NULL,
        uses INTEGER NOT NULL DEFAULT 0,
        revoked_at {moment}
    )""",
    # So that what they refer to can be deleted quickly, as by a restore.
    "CREATE INDEX links_user ON links (user_id)",
    "CREATE INDEX links_created_by ON links (created_by_id)",
    "CREATE INDEX options_changed_by ON options (changed_by_id)",
)
UNIQUE = (
    "display_key",
    "display_skeleton",
    "email_key",
)  # of users; none of those who are there has one
INDEX = "CREATE UNIQUE INDEX {{concurrently}} IF NOT EXISTS users_{0} ON users ({0})"
SQLITE = {"moment": "DATETIME", "serial": "INTEGER NOT NULL", "concurrently": ""}
POSTGRESQL = {
    "moment": "timestamp",
    "serial": "bigserial NOT NULL",
    "concurrently": "CONCURRENTLY",
}


def up(_migrator: Any, db: Database) -> None:
    on_sqlite = isinstance(db, SqliteDatabase)
    words = SQLITE if on_sqlite else POSTGRESQL
    for table in dict.fromkeys(table for table, _, _ in COLUMNS):
        _change(db, table, words)
    if not db.table_exists("links"):
        with db.atomic():
            _execute(db, TABLES, words)
    for column in UNIQUE:
        if not on_sqlite:
            # One that was left half made is made again.
            db.execute_sql(f"DROP INDEX CONCURRENTLY IF EXISTS users_{column}")
        _execute(db, (INDEX.format(column),), words)


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
