"""Search: the words of each message, and a full-text index over them."""

import datetime as dt
from typing import Any

from peewee import Database, SqliteDatabase

from service import words

BATCH = 1000  # messages at a time

COLUMN = (
    "ALTER TABLE messages ADD COLUMN words TEXT",
    "CREATE INDEX messages_without_words ON messages (id) WHERE words IS NULL",
)
SELECT = "SELECT id, text, author_id, timestamp FROM messages WHERE id > ? ORDER BY id LIMIT ?"
UPDATE = "UPDATE messages SET words = ? WHERE id = ?"
# The index keeps no copy of the words: triggers tell it what goes and what comes.
SQLITE = (
    """CREATE VIRTUAL TABLE message_index USING fts5(words, content='messages', content_rowid='id',
        tokenize="ascii tokenchars '#@'", prefix='1 2 3', columnsize=0)""",
    "INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO message_index (message_index) VALUES ('rebuild')",
    """CREATE TRIGGER message_index_insert AFTER INSERT ON messages BEGIN
        INSERT INTO message_index (rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER message_index_delete AFTER DELETE ON messages BEGIN
        INSERT INTO message_index (message_index, rowid, words)
            VALUES ('delete', old.id, old.words);
    END""",
    """CREATE TRIGGER message_index_update AFTER UPDATE OF words ON messages BEGIN
        INSERT INTO message_index (message_index, rowid, words)
            VALUES ('delete', old.id, old.words);
        INSERT INTO message_index (rowid, words) VALUES (new.id, new.words);
    END""",
)
# Each word is indexed with the chunk of 8,192 ids its message is in: see service/search.py.
POSTGRESQL = (
    """CREATE FUNCTION search_vector(id bigint, words text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT coalesce(
                string_agg('''' || (id >> 13) || '/' || word || ''':' || place, ' '), ''
            )::tsvector
            FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS each (word, place)
        $$""",
    """ALTER TABLE messages ADD COLUMN search tsvector
        GENERATED ALWAYS AS (search_vector(id, words)) STORED""",
    # Without fastupdate: every search would read the list of what is not yet in its place.
    "CREATE INDEX messages_search ON messages USING gin (search) WITH (fastupdate = off)",
    # An older release that still runs beside this one changes the text and knows of no words.
    """CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.words := NULL;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER forget_words BEFORE UPDATE OF text ON messages FOR EACH ROW
        WHEN (OLD.text <> NEW.text AND OLD.words = NEW.words) EXECUTE FUNCTION forget_words()""",
)


def up(_migrator: Any, db: Database) -> None:
    on_sqlite = isinstance(db, SqliteDatabase)
    for statement in COLUMN:
        db.execute_sql(statement)
    _fill(db, "?" if on_sqlite else "%s")
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        db.execute_sql(statement)


def _fill(db: Database, value: str) -> None:
    """Make the words of the messages there are; `value` stands for one in a statement."""
    select, update = SELECT.replace("?", value), UPDATE.replace("?", value)
    last = 0
    while rows := db.execute_sql(select, (last, BATCH)).fetchall():
        for last, text, author_id, timestamp in rows:
            made = words.indexed(text, author_id, _moment(timestamp))
            db.execute_sql(update, (made, last))


def _moment(stored: str | dt.datetime) -> dt.datetime:
    naive = dt.datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return naive.replace(tzinfo=dt.UTC)
