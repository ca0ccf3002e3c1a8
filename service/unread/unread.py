"""What is unread: found each time from how far somebody has read, and never counted up."""

from collections.abc import Mapping
from typing import NamedTuple

from service.access import visible
from service.access.visible import User
from service.base.errors import NotFound
from service.data import db
from service.data.tables import BOARD, Room

MOST = 100  # unread messages of a direct one that are counted
# What others have written in a room after a number, to read.
NEW = """FROM messages WHERE messages.room_id = rooms.id AND messages.number > {after}
    AND messages.author_id <> $1 AND messages.deleted_at IS NULL AND messages.kind = 'text'"""
SEATS = f"""
SELECT rooms.id, rooms.slug, rooms.kind, rooms.name, rooms.direct_key, {{after}},
    memberships.level = 'everything' AND EXISTS (SELECT 1 {NEW}),
    CASE WHEN memberships.level = 'nothing' THEN 0
        WHEN rooms.kind = 'direct' THEN (SELECT count(*) FROM (SELECT 1 {NEW} LIMIT {MOST}) AS new)
        ELSE (SELECT count(*) FROM mentions JOIN messages ON messages.id = mentions.message_id
            WHERE mentions.user_id = $1 AND mentions.room_id = rooms.id
                AND mentions.number > {{after}} AND messages.author_id <> $1
                AND messages.deleted_at IS NULL)
    END
FROM memberships JOIN rooms ON rooms.id = memberships.room_id
WHERE memberships.user_id = $1 AND rooms.archived_at IS NULL AND rooms.id IN {visible.OWN_OF_1}
"""  # noqa: S608, constants; what is yet to be filled in are numbers
READ = "memberships.read_number"
# A reply is seen where its thread is: whoever has read the message before it has no more to read in
# the list, unless it mentions them.
REACHED = f"""
SELECT rooms.id, {READ}, (SELECT max(number) FROM messages WHERE room_id = rooms.id),
    (SELECT messages.number {NEW} AND (messages.parent_id IS NULL OR messages.id IN (
        SELECT message_id FROM mentions WHERE mentions.user_id = $1
            AND mentions.room_id = rooms.id AND mentions.number > {{after}}
    )) ORDER BY messages.number LIMIT 1),
    (SELECT epoch FROM event_counter)
FROM rooms LEFT JOIN memberships
    ON memberships.room_id = rooms.id AND memberships.user_id = $1
WHERE rooms.slug = $3 AND rooms.id IN {visible.OWN_OF_1}
""".format(after="$2")  # noqa: S608, as above


class Seat(NamedTuple):
    """A room that somebody is in, and what is unread there.

    There is a dot where somebody has written, and a number of what is meant for them: mentions,
    and in a direct message all, up to MOST.
    """

    id: int
    slug: str
    kind: str
    name: str  # empty for a direct message
    direct_key: str | None
    read: int  # the number of the newest message that they have read
    dot: bool
    count: int


def seats(me: User, marks: Mapping[int, int] | None = None) -> list[Seat]:
    """Return the rooms that `me` is in, in no order and without archived ones; within a read.

    `marks` says of some rooms how far `me` has read there, where that is not stored yet.
    """
    if marks:  # which come seldom, and each time others: no plan for these is kept
        statement = SEATS.format(after=_after(marks)).replace("$1", f"{me.user_id:d}")
        rows = db.database.execute_sql(statement)
    else:
        rows = db.planned(SEATS.format(after=READ), me.user_id)
    found = [Seat._make(row) for row in rows.fetchall()]
    return found if any(each.id == BOARD for each in found) else [_first(), *found]


def _first() -> Seat:
    """Return the first room, for whoever got an account from a release without rooms just now."""
    room = Room.get_by_id(BOARD)
    return Seat(room.id, room.slug, room.kind, room.name, None, read=0, dot=False, count=0)


class Reached(NamedTuple):
    """How far somebody has read in a room by now, and had before, as it is stored."""

    room: int
    number: int
    before: int
    epoch: str  # of the log: a restore begins another


def reached(me: User, slug: str, number: int) -> Reached | None:
    """Return how far `me` has read in a room, of which its messages up to a number were shown.

    None if they are not in it; raises NotFound if they may not see it.
    """
    with db.read():
        row = db.planned(REACHED, me.user_id, number, slug).fetchone()
    if row is None:
        raise NotFound
    room, read, last, new, epoch = row
    if read is None:
        return None
    return Reached(room, last or 0 if new is None else new - 1, read, epoch)


def _after(marks: Mapping[int, int]) -> str:
    cases = " ".join(
        f"WHEN rooms.id = {room:d} AND {READ} < {number:d} THEN {number:d}"
        for room, number in marks.items()
    )
    return f"(CASE {cases} ELSE {READ} END)"
