"""The search's index looked at, and made anew while the board is in use."""

from service.base import words
from service.data import db
from service.data.tables import Message

BATCH = 200  # messages at a time, that can't be changed meanwhile
FTS5_REBUILD = "INSERT INTO message_index (message_index) VALUES ('rebuild')"
GIN_REBUILD = (
    "SET statement_timeout = 0",  # they wait for what is under way, and keep nobody waiting
    "SET lock_timeout = 0",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_search"
    " ON messages USING gin (search) WITH (fastupdate = off)",
    "REINDEX INDEX CONCURRENTLY messages_search",
    "RESET lock_timeout",
    "RESET statement_timeout",
)


def run() -> tuple[int, int]:
    """Make the index and every message's words anew; return how many were read and mended.

    On SQLite, posting waits or is refused while the index is made: 13 s for a million messages.
    """
    _mend_index()  # first: FTS5 can't take out what it doesn't hold
    read = mended = last = 0
    while True:
        with db.write():
            query = Message.select().where(Message.id > last).order_by(Message.id).limit(BATCH)
            rows = list(db.locked(query))
            mended += sum(map(_mend, rows))
        if not rows:
            return read, mended
        read, last = read + len(rows), rows[-1].id


def words_are_right(row: Message) -> bool:
    return row.words == _words(row)


def _mend_index() -> None:
    if db.on_sqlite():
        with db.write():
            db.database.execute_sql(FTS5_REBUILD)
        return
    with db.read():
        for statement in GIN_REBUILD:
            db.database.execute_sql(statement)


def _mend(row: Message) -> bool:
    if words_are_right(row):
        return False
    Message.update(words=_words(row)).where(Message.id == row.id).execute()
    return True


def _words(row: Message) -> str:
    # What the board tells itself is found by nothing.
    text = row.text if row.kind == "text" else ""
    return words.indexed(text, row.author_id, row.timestamp)
