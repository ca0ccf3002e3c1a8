"""What the columns of a backup hold, as JSON."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Protocol

from service.base import characters, clock, unreadable

SERIAL = 2**31 - 1  # PostgreSQL's highest ids, as for SQLite
BIG_SERIAL = 2**62  # the next ones still fit the column


class Kind(Protocol):
    """What a column holds: written as JSON, and read again or refused with ValueError."""

    def write(self, value: Any) -> Any: ...
    def read(self, value: Any) -> Any: ...


@dataclass(frozen=True)
class Number:
    highest: int

    def write(self, value: int) -> int:
        return value

    def read(self, value: Any) -> int:
        if type(value) is not int or not 0 <= value <= self.highest:  # a bool is an int too
            raise ValueError(f"is no number from 0 to {self.highest}")
        return value


@dataclass(frozen=True)
class Truth:
    def write(self, value: bool) -> bool:
        return value

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("is neither true nor false")
        return value


@dataclass(frozen=True)
class Text:
    longest: int  # code points
    choices: tuple[str, ...] = ()
    shape: str = ""  # a regular expression

    def write(self, value: str) -> str:
        return value

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise ValueError(f"is no text of at most {self.longest} characters")
        if not characters.can_be_stored(value):
            raise ValueError("holds a character that can't be stored")
        if self.choices and value not in self.choices:
            raise ValueError(f"is none of {', '.join(self.choices)}")
        if self.shape and not re.fullmatch(self.shape, value):
            raise ValueError("is none that a board makes")
        return value


@dataclass(frozen=True)
class Moment:
    def write(self, value: dt.datetime) -> str:
        return clock.utc(value)

    def read(self, value: Any) -> dt.datetime:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None or clock.utc(moment) != value:
            raise ValueError("is no moment in UTC")
        if not unreadable.EARLIEST <= moment <= unreadable.LATEST:
            raise ValueError("lies in no time that every zone can show")
        return moment


@dataclass(frozen=True)
class Optional:
    """What another kind holds, or null."""

    kind: Kind

    def write(self, value: Any) -> Any:
        return None if value is None else self.kind.write(value)

    def read(self, value: Any) -> Any:
        return None if value is None else self.kind.read(value)
