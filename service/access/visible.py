"""What a reader may see: the one query that every read of messages and events goes through.

Whatever changes its answer writes an event too: answers are kept until the next one.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from peewee import ModelSelect

from service.data import db
from service.data.tables import Event, Message, Room


class User(Protocol):
    """Somebody who reads or writes, on behalf of a session or, as demo data, of none."""

    @property
    def user_id(self) -> int: ...
    @property
    def session_id(self) -> str | None: ...


class Trusted(Enum):
    """Who reads for others."""

    OPERATOR = "the operator's commands: all of a board, of whatever release it is"
    EVERYONE = "what is read once for all readers, each of whom gets what they may see"


OPERATOR, EVERYONE = Trusted
Reader = User | Trusted


@dataclass(frozen=True)
class Member:
    """A user in no session."""

    user_id: int
    session_id: str | None = None


def rooms(me: Reader) -> "ModelSelect[Room]":
    """Return a query of the ids of the rooms that `me` may see."""
    if me is OPERATOR:
        return Room.select(Room.id)
    return Room.select(Room.id).where(Room.kind == "open", Room.deleted_at.is_null())


def sees(me: Reader, room: int) -> bool:
    """Say whether `me` may see a room."""
    return rooms(me).where(Room.id == room).exists()


def messages(me: Reader, *columns: Any) -> "ModelSelect[Message]":
    """Return a query of the messages that `me` may see."""
    query = Message.select(*columns)
    # Of an older release's board there are no rooms yet.
    return query if me is OPERATOR else query.where(Message.room << rooms(me))


def events(me: Reader) -> "ModelSelect[Event]":
    """Return a query of the events that `me` may see, without those that concern another alone."""
    query = Event.select().where(Event.room << rooms(me))
    if isinstance(me, Trusted):
        return query
    return query.where(Event.user.is_null() | (Event.user == me.user_id))


def rooms_sql(me: Reader) -> tuple[str, dict[str, Any]]:
    """Return `rooms` as a part of a statement with named values, and those values."""
    text, values = rooms(me).sql()
    named = {f"visible_{number}": value for number, value in enumerate(values)}
    mark, place = ("?", ":{}") if db.on_sqlite() else ("%s", "%({})s")
    for name in named:
        text = text.replace(mark, place.format(name), 1)
    return text, named
