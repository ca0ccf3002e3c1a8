"""What a reader may see: the one query that every read of messages and events goes through.

Whatever changes its answer writes an event too: answers are kept until the next one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

from peewee import SQL, ModelSelect

from service.access.roles import EVERYTHING, Action
from service.data import db
from service.data.events import Cursor
from service.data.tables import EVERYWHERE, Event, EventCounter, Membership, Message, Room


class User(Protocol):
    """Somebody who reads or writes, on behalf of a session or, as demo data, of none."""

    @property
    def user_id(self) -> int: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def scopes(self) -> frozenset[Action]: ...


class Trusted(Enum):
    """Who reads for others."""

    OPERATOR = "the operator's commands: all of a board, of whatever release it is"
    # A kept page and an open stream are for who is among the `readers` of the room.
    EVERYONE = "what is read once for all readers"


OPERATOR, EVERYONE = Trusted
ALL = "(SELECT id FROM rooms)"
STANDING = "(SELECT id FROM rooms WHERE deleted_at IS NULL)"
OWN = """(SELECT id FROM rooms WHERE deleted_at IS NULL AND (kind = 'open'
    OR id IN (SELECT room_id FROM memberships WHERE user_id = {user})))"""
OWN_OF_1 = OWN.format(user="$1")  # for statements that are planned
PARENT = "(SELECT number FROM messages WHERE id = t1.parent_id AND room_id IN {rooms})"
Reader = User | Trusted
# Of one room and of what concerns all, up to the counter.
OF_ROOM = """SELECT max(seq) FROM events WHERE room_id = (
    SELECT id FROM rooms WHERE id = $1 AND deleted_at IS NULL) AND seq <= event_counter.seq"""
# The same, and of one that is deleted: what is kept of it is out of date by that.
MOVED = "SELECT max(seq) FROM events WHERE room_id = $1 AND seq <= event_counter.seq"
NEWEST = f"""SELECT epoch, ({MOVED}), ({OF_ROOM} AND user_id IS NULL), (
    SELECT max(seq) FROM events WHERE room_id = {EVERYWHERE} AND seq <= event_counter.seq
) FROM event_counter"""  # noqa: S608, a constant
NEWEST_OF_ALL = f"""SELECT id, (SELECT max(seq) FROM events
    WHERE room_id = each_room.id AND seq <= {{seq:d}})
    FROM (SELECT id FROM rooms UNION ALL SELECT {EVERYWHERE}) AS each_room"""  # noqa: S608


@dataclass(frozen=True)
class Member:
    """A user in no session."""

    user_id: int
    session_id: str | None = None
    scopes: frozenset[Action] = EVERYTHING


def rooms(me: Reader) -> SQL:
    """Return, in parentheses, a query of the ids of the rooms that `me` may see."""
    # In words: to build it takes longer than it does.
    if isinstance(me, Trusted):
        return SQL(ALL if me is OPERATOR else STANDING)
    return SQL(OWN.format(user=int(me.user_id)))


def readers(room: int, users: Collection[int]) -> set[int]:
    """Return which of some users may see a room, by their ids."""
    found = Room.select(Room.kind).where(Room.id == room, Room.id << rooms(EVERYONE)).first()
    if found is None or found.kind == "open":
        return set(users) if found else set()
    members = Membership.select(Membership.user).where(Membership.room == room)
    return {row.user_id for row in members.where(Membership.user << list(users))}


def messages(me: Reader, *columns: Any) -> "ModelSelect[Message]":
    """Return a query of the messages that `me` may see."""
    query = Message.select(*columns)
    # Of an older release's board there are no rooms yet.
    return query if me is OPERATOR else query.where(Message.room << rooms(me))


def parent(me: Reader) -> Any:
    """Return a column of such a query: the number of what a message replies to, as `parent_number`.

    None of what is no reply.
    """
    return SQL(PARENT.format(rooms=rooms(me).sql)).alias("parent_number")


def events(me: Reader, room: int | None = None) -> "ModelSelect[Event]":
    """Return a query of the events that `me` may see, of one room or all.

    Those that concern another user alone are not among them; those that concern `me` are, if they
    tell that they have left a room, too. For EVERYONE those of all rooms are: that one is gone is
    told by an event of its own.
    """
    query = Event.select()
    if not isinstance(me, Trusted):
        there = (Event.room << rooms(me)) | (Event.room == EVERYWHERE)
        query = query.where((there & Event.user.is_null()) | (Event.user == me.user_id))
    return query.where(Event.room << (room, EVERYWHERE)) if room else query


class Newest(NamedTuple):
    """What is newest of a room: for all of its readers, and what concerns only some of them, too.

    The first is a cursor for them; it says nothing of what happens in other rooms.
    """

    cursor: Cursor
    mark: Cursor


def newest(room: int) -> Newest:
    """Return what is newest of a room: while it stands still, so does all that is shown of it."""
    row = db.planned(NEWEST, room).fetchone()
    epoch, mark, cursor, everywhere = row[0], *(seq or 0 for seq in row[1:])
    return Newest(Cursor(epoch, max(cursor, everywhere)), Cursor(epoch, max(mark, everywhere)))


def newest_of_all(cursor: Cursor) -> dict[int, int]:
    """Return the number of each room's newest event up to a cursor, of those that have one."""
    found = db.database.execute_sql(NEWEST_OF_ALL.format(seq=cursor.seq)).fetchall()
    return {room: seq for room, seq in found if seq}


def may_follow(cursor: Cursor) -> bool:
    """Say whether a cursor that anybody can write tells nobody how much happens elsewhere.

    One that a program has kept from before there were rooms does not. How far those go is the same
    for good: nothing that happens anywhere can be told from it.
    """
    if not cursor.plain:
        return True
    with db.read():
        return cursor.seq <= EventCounter.select(EventCounter.plain_until).scalar()
