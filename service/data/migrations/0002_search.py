"""Search: the words of each message, and a full-text index over them.

The words are made once the step is done, by `search.catch_up`: this file is frozen, that is not.
"""

from collections.abc import Iterable
from typing import Any

from peewee import Database, SqliteDatabase

atomic = False  # on PostgreSQL the release before this one serves meanwhile: nothing locks it out
WITHOUT_WORDS = "messages_without_words ON messages (id) WHERE words IS NULL"
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
POSTGRESQL = (
    "ALTER TABLE messages ADD COLUMN IF NOT EXISTS words TEXT",
    "ALTER TABLE messages ADD COLUMN IF NOT EXISTS search tsvector",
    # Each word is indexed with the chunk of 8,192 ids its message is in: see service/search/.
    """CREATE OR REPLACE FUNCTION search_vector(id bigint, words text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT coalesce(
                string_agg('''' || (id >> 13) || '/' || word || ''':' || place, ' '), ''
            )::tsvector
            FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS each (word, place)
        $$""",
    # A release before this one may change a text; it knows of no words.
    """CREATE OR REPLACE FUNCTION index_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.text <> OLD.text AND NEW.words = OLD.words THEN
                NEW.words := NULL;
            END IF;
            NEW.search := search_vector(NEW.id, NEW.words);
            RETURN NEW;
        END $$""",
    """CREATE OR REPLACE TRIGGER index_words BEFORE INSERT OR UPDATE OF id, text, words
        ON messages FOR EACH ROW EXECUTE FUNCTION index_words()""",
)
# One that was left half made is made again. Without fastupdate: every search would have to read
# the list of what is not yet in its place.
POSTGRESQL_INDEXES = (
    "SET lock_timeout = 0",  # they wait for what is under way, and keep nobody waiting
    "DROP INDEX CONCURRENTLY IF EXISTS messages_without_words",
    f"CREATE INDEX CONCURRENTLY {WITHOUT_WORDS}",
    "DROP INDEX CONCURRENTLY IF EXISTS messages_search",
    "CREATE INDEX CONCURRENTLY messages_search ON messages"
    " USING gin (search) WITH (fastupdate = off)",
    "RESET lock_timeout",
)


def up(_migrator: Any, db: Database) -> None:
    if isinstance(db, SqliteDatabase):
        with db.atomic():
            _upgrade_sqlite(db)
        return
    with db.atomic():
        _execute(db, POSTGRESQL)
    _execute(db, POSTGRESQL_INDEXES)


def _upgrade_sqlite(db: Database) -> None:
    if db.table_exists("message_index"):
        return  # it was done, and the program killed before that was noted
    _execute(db, ["ALTER TABLE messages ADD COLUMN words TEXT", f"CREATE INDEX {WITHOUT_WORDS}"])
    _execute(db, SQLITE)


def _execute(db: Database, statements: Iterable[str]) -> None:
    for statement in statements:
        db.execute_sql(statement)
