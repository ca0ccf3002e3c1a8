"""What a reader may see: the one query that every read of messages and events goes through."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from peewee import ModelSelect

from service.data.tables import Event, Message


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


def messages(me: Reader, *columns: Any) -> "ModelSelect[Message]":
    """Return a query of the messages that `me` may see."""
    return Message.select(*columns)


def events(me: Reader) -> "ModelSelect[Event]":
    """Return a query of the events that `me` may see."""
    return Event.select()
