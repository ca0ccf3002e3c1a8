"""Rooms: whether all that is said of one is of that one, and who is in them."""

from collections.abc import Generator, Iterator
from typing import Any

from service.base.program import PROGRAM
from service.data import db

RESTORE = "stop the board and restore the newest backup."
# Each counts what is wrong, and names the first; a message and an event are looked at once for it.
WRONG = (
    (
        """SELECT count(*), min(id) FROM users WHERE deleted_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM memberships WHERE room_id = 1 AND user_id = users.id)""",
        f"{{}} users, the first with id {{}}, are not in the first room: start `{PROGRAM} serve` "
        "again, which lets them in.",
    ),
    (
        """SELECT count(*), min(memberships.id) FROM memberships JOIN (
            SELECT rooms.id AS room, coalesce((
                SELECT max(number) FROM messages WHERE room_id = rooms.id), 0) AS newest FROM rooms
        ) AS written ON room = room_id WHERE read_number > newest""",
        "{} memberships, the first with id {}, have read what nobody has written, so that nothing "
        f"new shows as unread: {RESTORE}",
    ),
    (
        """SELECT count(*), min(id) FROM messages WHERE number IS NULL OR version IS NULL""",
        f"{{}} messages, the first with id {{}}, have no number in their room: {RESTORE}",
    ),
    (
        # In the first room, numbers of before there were rooms are ids, which have gaps.
        """SELECT count(*), min(room_id) FROM (SELECT room_id FROM messages WHERE room_id <> 1
            GROUP BY room_id HAVING min(number) <> 1 OR max(number) <> count(*)) AS found""",
        f"{{}} rooms, the first with id {{}}, lack some of their messages: {RESTORE}",
    ),
    (
        """SELECT count(*), min(reply.id) FROM messages AS reply
            JOIN messages AS root ON root.id = reply.parent_id
            WHERE reply.room_id <> root.room_id""",
        f"{{}} replies, the first with id {{}}, are to messages of another room: {RESTORE}",
    ),
    (
        """SELECT count(*), min(mentions.id) FROM mentions
            JOIN messages ON messages.id = message_id
            WHERE mentions.room_id <> messages.room_id OR mentions.number <> messages.number""",
        "{} mentions, the first with id {}, name another room or number than their message has: "
        f"{RESTORE}",
    ),
    (
        """SELECT count(*), min(events.seq) FROM events JOIN messages ON messages.id = message_id
            WHERE events.room_id <> messages.room_id""",
        "{} events, the first with number {}, tell another room of a message than the one it is "
        f"in: {RESTORE}",
    ),
)
CONVERSATIONS = """SELECT rooms.id, direct_key, user_id FROM rooms
    JOIN memberships ON room_id = rooms.id WHERE kind = 'direct' ORDER BY rooms.id, user_id"""
COUNT = "SELECT count(*) FROM rooms WHERE deleted_at IS NULL"


def check() -> Generator[str, None, str]:
    """Find what is of one room and says that it is of another, and who is where nobody let them."""
    for statement, words in WRONG:
        ((count, first),) = _rows(statement)
        if count:
            yield words.format(count, first)
    yield from _strangers()
    ((count,),) = _rows(COUNT)
    return "1 room" if count == 1 else f"{count} rooms"


def _strangers() -> Iterator[str]:
    """Find who is in a direct message that is not theirs; who is deleted has left theirs."""
    for room, key, user in _rows(CONVERSATIONS):
        if str(user) not in (key or "").split():
            yield (
                f"User {user} is in the direct message with id {room}, which is not theirs: with "
                f"SQL, delete the row of memberships with room_id {room} and user_id {user}."
            )


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with db.read():
        return db.database.execute_sql(statement).fetchall()
