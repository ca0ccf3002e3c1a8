"""What a reader may see: the one query that every read of messages and events goes through.

Whatever changes its answer writes an event too: answers are kept until the next one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from peewee import SQL, ModelSelect

from service.access.roles import EVERYTHING, Action
from service.data.tables import EVERYWHERE, Event, Membership, Message, Room


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
    OR id IN (SELECT room_id FROM memberships WHERE user_id = {user:d})))"""
Reader = User | Trusted


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
    return SQL(OWN.format(user=me.user_id))


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


def events(me: Reader, room: int | None = None) -> "ModelSelect[Event]":
    """Return a query of the events that `me` may see, of one room or all.

    Those that concern another user alone are not among them; those that concern `me` are, if they
    tell that they have left a room, too.
    """
    there = (Event.room << rooms(me)) | (Event.room == EVERYWHERE)
    if not isinstance(me, Trusted):
        there = (there & Event.user.is_null()) | (Event.user == me.user_id)
    query = Event.select().where(there)
    return query.where(Event.room << (room, EVERYWHERE)) if room else query
