"""Rooms: who is in which, mentions, reactions; messages numbered in their room without a gap.

The release before goes on writing: what it knows nothing of has a default, and the triggers number
its messages, too. A post holds the counter of events by then, so nobody else takes the same number.
Releases before the groundwork would show private rooms to everybody: they refuse to start now.
"""

import time
from collections.abc import Iterable
from typing import Any

from peewee import Database, OperationalError, SqliteDatabase

atomic = False  # on PostgreSQL the release before this one serves meanwhile: nothing locks it out
TRIES = 100  # to have a table to itself, each at most for the next
LOCK_TIMEOUT = "500ms"
PAUSE = 1.0  # seconds between two tries: whoever waited has its turn
GROUNDWORK = 5  # the step that a program must know

COLUMNS = (
    ("rooms", "name_key", "VARCHAR(200)"),
    ("rooms", "created_at", "{moment}"),
    ("event_counter", "plain_until", "BIGINT NOT NULL DEFAULT 0"),
    ("users", "theme", "VARCHAR(8) NOT NULL DEFAULT 'system'"),
    ("users", "hours", "VARCHAR(2) NOT NULL DEFAULT ''"),
    ("users", "newest_first", "BOOLEAN NOT NULL DEFAULT {false}"),
)
TABLES = (
    """CREATE TABLE memberships (
        id {serial} PRIMARY KEY,
        room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        read_number BIGINT NOT NULL DEFAULT 0,
        level VARCHAR(16) NOT NULL DEFAULT 'everything',
        joined_at {moment} NOT NULL
    )""",
    "CREATE UNIQUE INDEX memberships_room_id_user_id ON memberships (room_id, user_id)",
    "CREATE INDEX memberships_user_id_room_id ON memberships (user_id, room_id)",
    """CREATE TABLE mentions (
        id {serial} PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
        number BIGINT NOT NULL
    )""",
    "CREATE UNIQUE INDEX mentions_message_id_user_id ON mentions (message_id, user_id)",
    "CREATE INDEX mentions_user_id_room_id_number ON mentions (user_id, room_id, number)",
    "CREATE INDEX mentions_room ON mentions (room_id)",
    """CREATE TABLE reactions (
        id {serial} PRIMARY KEY,
        message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        emoji VARCHAR(32) NOT NULL,
        reacted_at {moment} NOT NULL
    )""",
    "CREATE UNIQUE INDEX reactions_message_id_user_id_emoji"
    " ON reactions (message_id, user_id, emoji)",
    "CREATE INDEX reactions_user ON reactions (user_id)",
    "UPDATE rooms SET name_key = lower(name)",  # of the first one, if no tool has made another
    # Whoever is there has read the first room, as far as anybody knows.
    """INSERT INTO memberships (room_id, user_id, read_number, joined_at)
        SELECT 1, id, (SELECT coalesce(max(number), 0) FROM messages WHERE room_id = 1), created_at
        FROM users ORDER BY id""",
    "UPDATE schema_floor SET step = {groundwork}",
)
INDEXES = (
    ("UNIQUE", "rooms_open_names", "rooms (name_key) WHERE kind = 'open' AND deleted_at IS NULL"),
    ("", "messages_roots", "messages (room_id, number) WHERE parent_id IS NULL"),
    ("", "messages_replies", "messages (parent_id, number) WHERE parent_id IS NOT NULL"),
    ("", "messages_pins", "messages (room_id, pinned_at) WHERE pinned_at IS NOT NULL"),
    ("", "events_room_id_seq", "events (room_id, seq)"),
)
SQLITE_TRIGGERS = (
    "DROP TRIGGER IF EXISTS message_number",
    "DROP TRIGGER IF EXISTS message_version",
    """CREATE TRIGGER message_number AFTER INSERT ON messages
    WHEN new.number IS NULL OR new.version IS NULL BEGIN
        UPDATE messages SET version = coalesce(version, 1), number = coalesce(number, (
            SELECT coalesce(max(number), 0) + 1 FROM messages WHERE room_id = new.room_id
        )) WHERE id = new.id;
    END""",
    """CREATE TRIGGER message_version AFTER UPDATE OF seq ON messages BEGIN
        UPDATE messages SET version = coalesce(old.version, 0) + 1 WHERE id = new.id;
    END""",
)
# What it reads is as of now, with what the same statement has inserted before.
POSTGRESQL_TRIGGERS = (
    """CREATE OR REPLACE FUNCTION number_message() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                NEW.version := coalesce(OLD.version, 0) + 1;
                RETURN NEW;
            END IF;
            NEW.version := coalesce(NEW.version, 1);
            IF NEW.number IS NULL THEN
                SELECT coalesce(max(number), 0) + 1 INTO NEW.number
                    FROM messages WHERE room_id = NEW.room_id;
            END IF;
            RETURN NEW;
        END $$""",
)
SQLITE = {"moment": "DATETIME", "serial": "INTEGER NOT NULL", "false": "0"}
POSTGRESQL = {"moment": "timestamp", "serial": "bigserial NOT NULL", "false": "false"}


def up(_migrator: Any, db: Database) -> None:
    on_sqlite = isinstance(db, SqliteDatabase)
    words = (SQLITE if on_sqlite else POSTGRESQL) | {"groundwork": str(GROUNDWORK)}
    for table in dict.fromkeys(table for table, _, _ in COLUMNS):
        _change(db, table, words)
    # Before anything is posted to another room: ids would be taken for its numbers.
    with db.atomic():
        _execute(db, SQLITE_TRIGGERS if on_sqlite else POSTGRESQL_TRIGGERS)
    # By itself: who holds the counter may wait for the tables that follow.
    _execute(db, ["UPDATE event_counter SET plain_until = seq"])
    if not db.table_exists("reactions"):
        with db.atomic():
            _execute(db, [statement.format(**words) for statement in TABLES])
    how = "" if on_sqlite else "CONCURRENTLY"
    for kind, name, on in INDEXES:
        # One that was left half made is made again.
        _execute(db, [f"DROP INDEX {how} IF EXISTS {name}"])
        _execute(db, [f"CREATE {kind} INDEX {how} {name} ON {on}"])
    _execute(db, [f"DROP INDEX {how} IF EXISTS messages_parent"])  # the index of replies serves


def _change(db: Database, table: str, words: dict[str, str]) -> None:
    """Change a table, once nobody else has it: whoever comes meanwhile waits a moment."""
    there = {column.name for column in db.get_columns(table)}
    added = [
        f"ALTER TABLE {table} ADD COLUMN {name} {kind}".format(**words)
        for of, name, kind in COLUMNS
        if of == table and name not in there
    ]
    for left in reversed(range(TRIES)):
        try:
            with db.atomic():
                if not isinstance(db, SqliteDatabase):
                    db.execute_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                _execute(db, added)
            return
        except OperationalError:
            if not left:
                raise
            time.sleep(PAUSE)


def _execute(db: Database, statements: Iterable[str]) -> None:
    for statement in statements:
        db.execute_sql(statement)
