"""A new message and its event, in as few statements as the database allows.

The number comes from a counter row, as in `events.append`: whatever may have to wait for others
comes before it, so that nobody waits long for the counter.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from service import clock, db
from service.columns import UTCDateTimeField

# A post takes a number only if its author and session stand, and if it was not posted before.
SQLITE = (
    """UPDATE event_counter SET seq = seq + 1
        WHERE EXISTS (SELECT 1 FROM users WHERE id = :author)
            AND (:session IS NULL OR EXISTS (
                SELECT 1 FROM sessions WHERE id = :session AND ended_at IS NULL))
            AND NOT EXISTS (
                SELECT 1 FROM messages WHERE author_id = :author AND client_key = :key)
        RETURNING seq""",
    """INSERT INTO messages (author_id, text, timestamp, words, client_key, posted_digest, seq)
        VALUES (:author, :text, :timestamp, :words, :key, :digest, :seq)
        RETURNING id, (SELECT username FROM users WHERE id = :author), seq""",
    """INSERT INTO events (seq, kind, message_id, created_at)
        VALUES (:seq, 'posted', :id, :now)""",
)
# In one statement, that is its own transaction. It reads the messages first, as every change does
# and a restore: so none of them can wait for the other in a circle.
POSTGRESQL = """
WITH same AS (
    SELECT id FROM messages WHERE author_id = %(author)s AND client_key = %(key)s FOR SHARE
), author AS (
    SELECT id, username FROM users WHERE id = %(author)s FOR KEY SHARE
), counter AS (
    UPDATE event_counter SET seq = seq + 1
    WHERE EXISTS (SELECT FROM author) AND NOT EXISTS (SELECT FROM same)
        AND (%(session)s IS NULL OR EXISTS (
            SELECT FROM sessions WHERE id = %(session)s AND ended_at IS NULL))
    RETURNING seq
), message AS (
    INSERT INTO messages (author_id, text, timestamp, words, client_key, posted_digest, seq)
    SELECT %(author)s, %(text)s, %(timestamp)s, %(words)s, %(key)s, %(digest)s, seq FROM counter
    RETURNING id, seq
), event AS (
    INSERT INTO events (seq, kind, message_id, created_at)
    SELECT seq, 'posted', id, %(now)s FROM message
)
SELECT message.id, author.username, message.seq, pg_notify(%(channel)s, '')
FROM message, author
"""


@dataclass(frozen=True)
class Post:
    """What is stored of a new message, on behalf of which session."""

    author: int
    text: str
    timestamp: dt.datetime
    words: str
    key: str
    digest: str
    session: str | None


@dataclass(frozen=True)
class Written:
    id: int
    author: str  # the name
    seq: int


def write(post: Post) -> Written | None:
    """Write a message and its event; return None if it may not be written, or was before.

    Raises peewee.IntegrityError if the same is written at the same moment.
    """
    stored = UTCDateTimeField().db_value
    values = {
        **vars(post),
        "timestamp": stored(post.timestamp),
        "now": stored(clock.now()),
    }
    if db.on_sqlite():
        return _write_in_turn(values)
    with db.read():  # the statement is a transaction by itself
        row = db.database.execute_sql(POSTGRESQL, {**values, "channel": db.CHANNEL}).fetchone()
    return Written(*row[:3]) if row else None


def _write_in_turn(values: dict[str, Any]) -> Written | None:
    number, message, event = SQLITE
    with db.write():
        counted = db.database.execute_sql(number, values).fetchone()
        if not counted:
            return None
        values["seq"] = counted[0]
        written = Written(*db.database.execute_sql(message, values).fetchone())
        db.database.execute_sql(event, {**values, "id": written.id})
    return written
