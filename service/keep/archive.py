"""The format of a backup: which rows of which tables, how they are written, and the seal.

It is a zip of one file per table, a JSON object per line, and a manifest at its end. The comment of
the zip is its seal: whatever was changed or lost, it shows.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from service.base import characters, clock, unreadable
from service.base.errors import BoardError
from service.data import rules
from service.data.tables import Event, Message, Table, User

FORMAT = 1  # raised when an older release could not read what a newer one writes
MANIFEST = "manifest.json"
MAX_LINE = 64 * 1024  # bytes of a row, line end included; the longest is some 4,000
MAX_RATIO = 400  # of what is unpacked to what is packed; a board of one text repeated reaches 230
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
    optional: bool = False

    def write(self, value: dt.datetime | None) -> str | None:
        return None if value is None else clock.utc(value)

    def read(self, value: Any) -> dt.datetime | None:
        if value is None and self.optional:
            return None
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None or clock.utc(moment) != value:
            raise ValueError("is no moment in UTC")
        if not unreadable.EARLIEST <= moment <= unreadable.LATEST:
            raise ValueError("lies in no time that every zone can show")
        return moment


@dataclass(frozen=True)
class Entry:
    """The rows of one table; `columns` begins with its key."""

    table: type[Table]
    columns: dict[str, Kind]
    rule: Callable[[dict[str, Any]], None] = lambda _: None  # raises ValueError

    @property
    def name(self) -> str:
        return self.table._meta.table_name

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def key(self) -> str:
        return next(iter(self.columns))

    @property
    def fields(self) -> list[Any]:
        return [self.table._meta.columns[name] for name in self.columns]

    def line(self, values: tuple[Any, ...]) -> bytes:
        """Return a row as it is written."""
        written = {
            name: kind.write(value)
            for (name, kind), value in zip(self.columns.items(), values, strict=True)
        }
        return json.dumps(written, ensure_ascii=False).encode() + b"\n"

    def row(self, line: bytes) -> dict[str, Any]:
        """Return what a line says, by column; raise ValueError."""
        found = json.loads(line)
        if not isinstance(found, dict) or list(found) != list(self.columns):
            raise ValueError(f"does not say {', '.join(self.columns)}")
        row = {name: self._value(name, found[name]) for name in self.columns}
        self.rule(row)
        return row

    def _value(self, name: str, value: Any) -> Any:
        try:
            return self.columns[name].read(value)
        except ValueError as failure:
            raise ValueError(f"{name} {failure}") from None


# In an order in which each refers to the ones before it only.
ENTRIES = (
    Entry(
        User,
        {
            "id": Number(SERIAL),
            "username": Text(rules.MAX_NAME),
            "username_key": Text(200),
            "password_hash": Text(255),
            "timezone": Text(50, shape=rules.ZONE),
            "created_at": Moment(),
            "disabled_at": Moment(optional=True),
        },
        rules.user,
    ),
    Entry(
        Message,
        {
            "id": Number(BIG_SERIAL),
            "author_id": Number(SERIAL),
            "text": Text(rules.MAX_TEXT),
            "timestamp": Moment(),
            "edited_at": Moment(optional=True),
            "deleted_at": Moment(optional=True),
            "seq": Number(BIG_SERIAL),
            "client_key": Text(rules.MAX_CLIENT_KEY, shape=rules.CLIENT_KEY),
            "posted_digest": Text(64, shape=rules.DIGEST),
        },
        rules.message,
    ),
    Entry(
        Event,
        {
            "seq": Number(BIG_SERIAL),
            "kind": Text(16, ("posted", "edited", "deleted")),
            "message_id": Number(BIG_SERIAL),
            "created_at": Moment(),
        },
    ),
)

# Every other table, and every other column of those above, with the reason.
LEFT_OUT = {
    "sessions": "one that was ended since would come to life again",
    "known_networks": "a password that was changed since would be known there again",
    "failures": "count for an hour at most",
    "event_counter": "goes on from the manifest's seq, under a new epoch",
    "schema_floor": "is the program's, as are the steps",
    "schema_migration": "is the program's, as are the steps",
    "message_index": "is made from the words",
    "rooms": "there is the first one only, as each board has it",
    **dict.fromkeys(("messages.number", "messages.version"), "are the id and the seq"),
    **dict.fromkeys(
        (
            *("messages.room_id", "messages.kind", "messages.parent_id", "messages.pinned_at"),
            *("messages.pinned_by_id", "events.room_id", "events.subject", "events.user_id"),
        ),
        "nothing else than its default is in use",
    ),
    "users.name_skeleton": "follows from the names",
    "messages.words": "are made from the text",
    "messages.search": "is made from the words",
}


@dataclass(frozen=True)
class Content:
    """What a file of the zip must prove to hold."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Which board was saved, by which release, and what it held; `seq` is its newest event."""

    board: str
    made: str
    seq: int
    contents: dict[str, Content]

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2).encode() + b"\n"

    @property
    def summary(self) -> str:
        """Return the counts in words."""
        counts = (
            f"{self.contents[each.file].rows:,} {each.name.removesuffix('s')}"
            f"{'' if self.contents[each.file].rows == 1 else 's'}"
            for each in ENTRIES
        )
        return "{}, {} and {}".format(*counts)


class Damaged(BoardError):
    """The file is no backup that could be restored whole."""


class Saved(Protocol):
    """A backup to be read; whoever reads an entry's rows to the end has verified them."""

    @property
    def name(self) -> str: ...
    @property
    def manifest(self) -> Manifest: ...
    def rows(self, entry: Entry) -> Iterator[dict[str, Any]]:
        """Yield an entry's rows by column, in the order of their keys; raise Damaged."""
        ...
