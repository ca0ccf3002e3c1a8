"""New messages and their events, in as few statements as the database allows.

The number comes from a counter row, as in `events.append`: whatever may have to wait for others
comes before it, so that nobody waits long for the counter.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import peewee

from service.access.roles import MAY
from service.access.sessions import STANDS
from service.base import clock, metrics
from service.base.together import Together
from service.data import db, postgresql
from service.data.columns import UTCDateTimeField
from service.rooms.places import Place

MAY_POST = ", ".join(f"'{role}'" for role in sorted(MAY["post"]))
# And a bot only if its owner may, too.
POSTS = f"""disabled_at IS NULL AND role IN ({MAY_POST}) AND (role <> 'bot' OR EXISTS (
    SELECT 1 FROM bots JOIN users AS owners ON owners.id = bots.owner_id
    WHERE bots.user_id = users.id AND owners.disabled_at IS NULL AND owners.role IN ({MAY_POST})
))"""  # noqa: S608, a constant
# A post takes a number only if its author may post there, their session stands, and if it was not
# posted before.
SQLITE = (
    f"""UPDATE event_counter SET seq = seq + 1
        WHERE EXISTS (SELECT 1 FROM users WHERE id = :author AND {POSTS})
            AND (:session IS NULL OR EXISTS (
                SELECT 1 FROM sessions WHERE id = :session AND {STANDS}:now))
            AND NOT EXISTS (
                SELECT 1 FROM messages WHERE author_id = :author AND client_key = :key)
            AND EXISTS (SELECT 1 FROM rooms WHERE id = :room
                AND deleted_at IS NULL AND archived_at IS NULL AND (kind = 'open' OR EXISTS (
                    SELECT 1 FROM memberships WHERE room_id = :room AND user_id = :author)))
        RETURNING seq""",  # noqa: S608, a constant
    """INSERT INTO messages
        (room_id, parent_id, author_id, text, timestamp, words, client_key, posted_digest, seq)
        VALUES (:room, :parent, :author, :text, :timestamp, :words, :key, :digest, :seq)
        RETURNING id""",
    # Only now it is seen what the triggers made of the message.
    """INSERT INTO events (seq, room_id, kind, subject, message_id, created_at)
        VALUES (:seq, :room, 'posted', :id, :id, :now)
        RETURNING (SELECT number FROM messages WHERE id = :id),
            (SELECT version FROM messages WHERE id = :id),
            (SELECT username FROM users WHERE id = :author),
            (SELECT display_name FROM users WHERE id = :author),
            (SELECT role = 'bot' FROM users WHERE id = :author)""",
)
# In one statement, that is its own transaction. It reads the messages first, as every change does
# and a restore: so none of them can wait for the other in a circle. With `skip` the counter alone
# is waited for: what would wait for anything else is left out.
POSTGRESQL = """
WITH same AS (
    SELECT id FROM messages WHERE author_id = %(author)s AND client_key = %(key)s
    FOR KEY SHARE{skip}
), author AS (
    SELECT id, username, display_name, role = 'bot' AS bot FROM users
    WHERE id = %(author)s AND {posts}
    FOR KEY SHARE{skip}
), room AS (
    SELECT kind FROM rooms
    WHERE id = %(room)s AND deleted_at IS NULL AND archived_at IS NULL
    FOR SHARE{skip}
), seat AS (
    SELECT user_id FROM memberships WHERE room_id = %(room)s AND user_id = %(author)s
    FOR KEY SHARE{skip}
), counter AS (
    UPDATE event_counter SET seq = seq + 1
    WHERE EXISTS (SELECT FROM author) AND NOT EXISTS (SELECT FROM same)
        AND EXISTS (SELECT FROM room WHERE kind = 'open' OR EXISTS (SELECT FROM seat))
        AND (%(session)s IS NULL OR EXISTS (
            SELECT FROM sessions WHERE id = %(session)s AND {stands}))
    RETURNING seq
), message AS (
    INSERT INTO messages
        (room_id, parent_id, author_id, text, timestamp, words, client_key, posted_digest, seq)
    SELECT %(room)s, %(parent)s, %(author)s, %(text)s, %(timestamp)s, %(words)s, %(key)s,
        %(digest)s, seq
    FROM counter
    RETURNING id, room_id, author_id, client_key, seq, number, version
), event AS (
    INSERT INTO events (seq, room_id, kind, subject, message_id, created_at)
    SELECT seq, room_id, 'posted', id, id, %(now)s FROM message
)
SELECT author_id, client_key, message.id, number, version, username, display_name, bot,
    CASE WHEN %(notify)s THEN pg_notify(%(channel)s, '') END
FROM message, author
"""
# The same for several that are no replies, each value an array. It takes 0.14 ms for each of 16; of
# one that above takes half as long as this.
POSTGRESQL_SEVERAL = """
WITH given AS (
    SELECT * FROM unnest(%(room)s::int[], %(author)s::int[], %(text)s::text[],
        %(timestamp)s::timestamp[], %(words)s::text[], %(key)s::text[], %(digest)s::text[],
        %(session)s::text[])
    WITH ORDINALITY AS given (room, author, text, timestamp, words, key, digest, session, place)
), same AS (
    SELECT author_id, client_key FROM messages
    WHERE (author_id, client_key) IN (SELECT author, key FROM given)
    FOR KEY SHARE{skip}
), author AS (
    SELECT id, username, display_name, role = 'bot' AS bot FROM users
    WHERE id = ANY(%(author)s) AND {posts}
    FOR KEY SHARE{skip}
), open_rooms AS (
    SELECT id, kind FROM rooms
    WHERE id = ANY(%(room)s) AND deleted_at IS NULL AND archived_at IS NULL
    FOR SHARE{skip}
), seat AS (
    SELECT room_id, user_id FROM memberships
    WHERE (room_id, user_id) IN (SELECT room, author FROM given)
    FOR KEY SHARE{skip}
), standing AS (
    SELECT id FROM sessions WHERE id = ANY(%(session)s::text[]) AND {stands}
), new AS (
    SELECT given.*, row_number() OVER (ORDER BY place) AS nth
    FROM given JOIN author ON author.id = given.author
        JOIN open_rooms ON open_rooms.id = given.room AND (kind = 'open'
            OR (room, author) IN (SELECT room_id, user_id FROM seat))
    WHERE (author, key) NOT IN (SELECT author_id, client_key FROM same)
        AND (session IS NULL OR session IN (SELECT id FROM standing))
), counter AS (
    UPDATE event_counter SET seq = seq + (SELECT count(*) FROM new)
    WHERE EXISTS (SELECT FROM new)
    RETURNING seq - (SELECT count(*) FROM new) AS before
), message AS (
    INSERT INTO messages
        (room_id, author_id, text, timestamp, words, client_key, posted_digest, seq)
    SELECT room, author, text, timestamp, words, key, digest, before + nth FROM new, counter
    ORDER BY nth
    RETURNING id, room_id, author_id, client_key, seq, number, version
), event AS (
    INSERT INTO events (seq, room_id, kind, subject, message_id, created_at)
    SELECT seq, room_id, 'posted', id, id, %(now)s FROM message
)
SELECT author_id, client_key, message.id, number, version, username, display_name, bot,
    CASE WHEN %(notify)s THEN pg_notify(%(channel)s, '') END
FROM message JOIN author ON author.id = author_id
"""


@dataclass(frozen=True)
class Post:
    """What is stored of a new message, on behalf of which session."""

    place: Place
    author: int
    text: str
    timestamp: dt.datetime
    words: str
    key: str
    digest: str
    session: str | None
    parent: int | None = None  # the id of the message that it replies to: then it goes alone


@dataclass(frozen=True)
class Written:
    """What the database made of a new message: its id, and what is shown of it and its author."""

    id: int
    number: int
    version: int
    author: str
    display_name: str | None
    bot: bool


def write(post: Post) -> Written | None:
    """Write a message and its event; return None if it may not be written, or was before.

    Raises peewee.IntegrityError if the same is written at the same moment.
    """
    (written,) = _write([post], wait=True)
    return written


def write_together(posts: list[Post]) -> list[Written | None]:
    """Write messages and their events, in this order and in one commit.

    Returns None for each that has to go alone: it may not be written, was before, or would wait.
    """
    try:
        return _write(posts, wait=False)
    except peewee.IntegrityError:  # of one of them; none is written
        return [None] * len(posts)


class Posting(Together[Post, Written | None]):
    """Writes what many post at the same time in one go."""

    def __init__(self) -> None:
        super().__init__(write_together)


def _write(posts: list[Post], *, wait: bool) -> list[Written | None]:
    written = _stored(posts, wait=wait)
    for _ in filter(None, written):
        metrics.posted.count()
    return written


def _stored(posts: list[Post], *, wait: bool) -> list[Written | None]:
    now = UTCDateTimeField().db_value(clock.now())
    rows = [_values(post, now) for post in posts]
    if db.on_sqlite():
        with db.write():
            return [_insert(row) for row in rows]
    statement, values = POSTGRESQL, rows[0]
    if len(rows) > 1:
        statement, values = POSTGRESQL_SEVERAL, {k: [row[k] for row in rows] for k in rows[0]}
    words = {"skip": "" if wait else " SKIP LOCKED", "posts": POSTS}
    statement = statement.format(stands=STANDS + "%(now)s", **words)
    with db.read():  # the statement is a transaction by itself
        found = db.database.execute_sql(
            statement,
            {**values, "now": now, "notify": db.notifies(), "channel": postgresql.CHANNEL},
        ).fetchall()
    written = {(author, key): Written(*rest[:6]) for author, key, *rest in found}
    return [written.get((post.author, post.key)) for post in posts]


def _values(post: Post, now: Any) -> dict[str, Any]:
    moment = UTCDateTimeField().db_value(post.timestamp)
    values = vars(post) | {"room": post.place.id, "timestamp": moment, "now": now}
    del values["place"]
    return values


def _insert(values: dict[str, Any]) -> Written | None:
    counter, message, event = SQLITE
    counted = db.database.execute_sql(counter, values).fetchone()
    if not counted:
        return None
    values["seq"] = counted[0]
    values["id"] = db.database.execute_sql(message, values).fetchone()[0]
    return Written(values["id"], *db.database.execute_sql(event, values).fetchone())
