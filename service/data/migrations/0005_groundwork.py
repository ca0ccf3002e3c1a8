"""The groundwork of rooms: the first one, and what messages and events will say of theirs.

The release before goes on writing: defaults and triggers fill what it leaves out. The log refers to
no room: that would lock the room's row once more for each post, and rooms are never deleted. What
is shown of a message is its number in the room and its version; until there are more rooms they
are equal to its id and its seq.
"""

import time
from collections.abc import Iterable
from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    OperationalError,
    SqliteDatabase,
    TextField,
)

atomic = False  # on PostgreSQL the release before this one serves meanwhile: nothing locks it out
BATCH = 500  # messages at a time
TRIES = 100  # to have the tables to itself, each at most for the next
LOCK_TIMEOUT = "500ms"
PAUSE = 1.0  # seconds between two tries: whoever waited has its turn

FIRST = "INSERT INTO rooms (id, slug, kind, name, topic, last_number) VALUES"
FIRST += " (1, 'board', 'open', 'Board', '', 0)"
INDEXES = (
    ("UNIQUE", "message_room_id_number", "messages (room_id, number)"),
    # So that what they refer to can be deleted quickly, as by a restore.
    ("", "messages_parent", "messages (parent_id) WHERE parent_id IS NOT NULL"),
    ("", "messages_pinned_by", "messages (pinned_by_id) WHERE pinned_by_id IS NOT NULL"),
    ("", "events_user", "events (user_id) WHERE user_id IS NOT NULL"),
)
SQLITE = (
    "ALTER TABLE messages ADD COLUMN room_id INTEGER NOT NULL DEFAULT 1 REFERENCES rooms (id)",
    "ALTER TABLE messages ADD COLUMN number INTEGER",
    "ALTER TABLE messages ADD COLUMN version INTEGER",
    """ALTER TABLE messages ADD COLUMN parent_id INTEGER
        REFERENCES messages (id) ON DELETE CASCADE""",
    "ALTER TABLE messages ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT 'text'",
    "ALTER TABLE messages ADD COLUMN pinned_at DATETIME",
    """ALTER TABLE messages ADD COLUMN pinned_by_id INTEGER
        REFERENCES users (id) ON DELETE SET NULL""",
    "UPDATE messages SET number = id, version = seq",
    """CREATE TRIGGER message_number AFTER INSERT ON messages
    WHEN new.number IS NULL OR new.version IS NULL BEGIN
        UPDATE messages SET number = coalesce(number, id), version = coalesce(version, seq)
            WHERE id = new.id;
    END""",
    """CREATE TRIGGER message_version AFTER UPDATE OF seq ON messages BEGIN
        UPDATE messages SET version = new.seq WHERE id = new.id;
    END""",
    # Made anew: a column that must be there can't be let go.
    """CREATE TABLE new_events (
        seq INTEGER NOT NULL PRIMARY KEY,
        kind VARCHAR(16) NOT NULL,
        message_id INTEGER REFERENCES messages (id),
        created_at DATETIME NOT NULL,
        room_id INTEGER NOT NULL DEFAULT 1,
        subject INTEGER,
        user_id INTEGER REFERENCES users (id) ON DELETE CASCADE
    )""",
    """INSERT INTO new_events (seq, kind, message_id, created_at)
        SELECT seq, kind, message_id, created_at FROM events ORDER BY seq""",
    "DROP TABLE events",
    "ALTER TABLE new_events RENAME TO events",
    "CREATE INDEX event_message_id ON events (message_id)",
)
POSTGRESQL = (
    # In the order in which a post takes them: neither waits for the other in a circle.
    "LOCK TABLE messages, events IN ACCESS EXCLUSIVE MODE",
    """ALTER TABLE messages
        ADD COLUMN room_id integer NOT NULL DEFAULT 1,
        ADD COLUMN number bigint,
        ADD COLUMN version bigint,
        ADD COLUMN parent_id bigint REFERENCES messages (id) ON DELETE CASCADE,
        ADD COLUMN kind varchar(16) NOT NULL DEFAULT 'text',
        ADD COLUMN pinned_at timestamp,
        ADD COLUMN pinned_by_id integer REFERENCES users (id) ON DELETE SET NULL,
        ADD CONSTRAINT messages_room FOREIGN KEY (room_id) REFERENCES rooms (id) NOT VALID""",
    """CREATE FUNCTION number_message() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                NEW.number := coalesce(NEW.number, NEW.id);
                NEW.version := coalesce(NEW.version, NEW.seq);
            ELSE
                NEW.version := NEW.seq;
            END IF;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER number_message BEFORE INSERT OR UPDATE OF seq
        ON messages FOR EACH ROW EXECUTE FUNCTION number_message()""",
    """ALTER TABLE events
        ADD COLUMN room_id integer NOT NULL DEFAULT 1,
        ADD COLUMN subject bigint,
        ADD COLUMN user_id integer REFERENCES users (id) ON DELETE CASCADE,
        ALTER COLUMN message_id DROP NOT NULL""",
)
# Of those that are still without: a change that came between has its own numbers already.
FILL = """UPDATE messages SET number = id, version = seq
    WHERE number IS NULL AND id BETWEEN %s AND %s"""
BATCHES = """SELECT max(id) FROM (
    SELECT id FROM messages WHERE id >= %s ORDER BY id LIMIT %s
) AS batch"""
# They wait for what is under way, and keep nobody waiting.
POSTGRESQL_LATER = ("ALTER TABLE messages VALIDATE CONSTRAINT messages_room",)


def up(_migrator: Any, db: Database) -> None:
    if isinstance(db, SqliteDatabase):
        if not db.table_exists("rooms"):  # or it was done, and the program killed before a note
            with db.atomic():
                _make_rooms(db)
                _execute(db, SQLITE)
                _execute(db, (f"CREATE {how} INDEX {name} ON {on}" for how, name, on in INDEXES))
        return
    _change_postgresql(db)
    _fill(db)
    _execute(db, ["SET lock_timeout = 0"])
    for how, name, on in INDEXES:
        # One that was left half made is made again.
        _execute(db, [f"DROP INDEX CONCURRENTLY IF EXISTS {name}"])
        _execute(db, [f"CREATE {how} INDEX CONCURRENTLY {name} ON {on}"])
    _execute(db, [*POSTGRESQL_LATER, "RESET lock_timeout"])


def _make_rooms(db: Database) -> None:
    class User(db.Model):
        class Meta:
            table_name = "users"

    class Room(db.Model):
        id = AutoField()
        slug = CharField(32, unique=True)
        kind = CharField(16)
        name = CharField(100)
        topic = TextField()
        direct_key = CharField(255, null=True, unique=True)
        last_number = BigIntegerField()
        created_by = ForeignKeyField(User, null=True, on_delete="SET NULL", index=False)
        archived_at = DateTimeField(null=True)
        deleted_at = DateTimeField(null=True)

        class Meta:
            table_name = "rooms"

    db.create_tables([Room], safe=False)
    db.execute_sql(FIRST)


def _change_postgresql(db: Database) -> None:
    """Change the tables, once nobody else has them: whoever comes meanwhile waits a moment."""
    for left in reversed(range(TRIES)):
        if db.table_exists("rooms"):
            return  # it was done, and the program killed afterwards
        try:
            with db.atomic():
                db.execute_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                _execute(db, POSTGRESQL[:1])
                _make_rooms(db)
                db.execute_sql("SELECT setval('rooms_id_seq', 1)")
                _execute(db, POSTGRESQL[1:])
        except OperationalError:
            if not left:
                raise
            time.sleep(PAUSE)


def _fill(db: Database) -> None:
    first = 0
    while (last := db.execute_sql(BATCHES, (first, BATCH)).fetchone()[0]) is not None:
        db.execute_sql(FILL, (first, last))
        first = last + 1


def _execute(db: Database, statements: Iterable[str]) -> None:
    for statement in statements:
        db.execute_sql(statement)
