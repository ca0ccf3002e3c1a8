"""The event log: append in the transaction that changes something, read after a cursor."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, NamedTuple, Self

from peewee import ModelSelect, fn

from service.base import clock, numbers
from service.data import db
from service.data.tables import Event, EventCounter

# A release before this one wrote of messages only, and names no subject.
SUBJECT = fn.COALESCE(Event.subject, Event.message)
ENTRY = (Event.seq, Event.room, Event.kind, SUBJECT, Event.user, Event.created_at)
AT_ONCE = 1000  # written in one statement, which can name so many values only
MAX_REPLAY = 1000  # events; a reader further behind is better off with a fresh page


@dataclass(frozen=True)
class Cursor:
    """A place in the log; how readers get it is in `cursors`.

    A `plain` one, `epoch.seq`, is written so by 0.5, and by whoever likes.
    """

    epoch: str
    seq: int
    plain: bool = field(default=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the cursor that `text` writes, or None if it writes none."""
        epoch, _, seq = text.rpartition(".")
        number = numbers.of(seq)
        return cls(epoch, number, plain=True) if epoch and number is not None else None

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


class Happened(NamedTuple):
    """What an event says: see `append`."""

    room: int
    kind: str
    subject: int
    user: int | None = None


class Entry(NamedTuple):
    """That the thing of this id and kind changed, in a room; for one user alone if it says so."""

    seq: int
    room: int
    kind: str
    subject: int
    user: int | None
    at: dt.datetime


@dataclass(frozen=True)
class Replay:
    """The events after a cursor and the cursor behind them; `resync` if it can't be told.

    That cursor is behind what the reader may see, whatever else has happened.
    """

    events: list[Entry]
    cursor: Cursor
    resync: bool = False
    behind: int = 0  # events beyond the cursor, whoever may see them


def append(
    room: int,
    kind: str,
    subject: int,
    *,
    message: int | None = None,
    user: int | None = None,
    seq: int | None = None,
) -> int:
    """Write an event and return its number; call it late in the transaction.

    `kind` says what happened and to what kind of thing, `subject` is the id of that thing,
    `message` that of the message which it is or hangs on, and `user` whom alone it concerns. Its
    number is `seq`, if `take` gave one before.
    """
    seq = seq or take()
    Event.insert(
        seq=seq,
        room=room,
        kind=kind,
        subject=subject,
        message=message,
        user=user,
        created_at=clock.now(),
    ).execute()
    db.notify()
    return seq


def append_all(happened: Iterable[Happened]) -> None:
    """Write events in their order, late in the transaction, and give notice of them once."""
    rows = [each._asdict() for each in happened]
    if not rows:
        return
    last, now = take(len(rows)), clock.now()
    for seq, row in enumerate(rows, last - len(rows) + 1):
        row |= {"seq": seq, "created_at": now}
    for some in batched(rows, AT_ONCE, strict=False):
        Event.insert_many(some).execute()
    db.notify()


def take(count: int = 1) -> int:
    """Return the number of the event that this transaction is going to write last of so many.

    It comes from a counter row, locked from here to the commit, not from a sequence: that gives
    numbers out before the commit, so a reader who has seen 7 can miss a 6 that comes later.
    """
    more = EventCounter.update(seq=EventCounter.seq + count)
    counter = more.returning(EventCounter.seq).execute()
    return next(iter(counter)).seq


def newest() -> Cursor:
    """Return the cursor behind the newest event."""
    # In words: every read of the newest page begins with it, and to build it takes longer than it.
    return Cursor(*db.database.execute_sql("SELECT epoch, seq FROM event_counter").fetchone())


def after(visible: "ModelSelect[Event]", cursor: Cursor | None, limit: int = MAX_REPLAY) -> Replay:
    """Return the events of a query after `cursor`, oldest first, at most `limit` of them."""
    end = newest()
    if cursor is None or cursor.epoch != end.epoch or _is_too_far(visible, cursor, end):
        return Replay([], _newest_of(visible, end), resync=True)
    # Not beyond the counter: a row that somebody's tool has left there would be read for ever.
    rows: Any = visible.select(*ENTRY).where(Event.seq > cursor.seq, Event.seq <= end.seq)
    found = [Entry(*row) for row in rows.order_by(Event.seq).limit(limit).tuples()]
    reached = Cursor(end.epoch, found[-1].seq if found else cursor.seq)
    return Replay(found, reached, behind=end.seq - reached.seq)


def _newest_of(visible: "ModelSelect[Event]", end: Cursor) -> Cursor:
    row = visible.select(Event.seq).where(Event.seq <= end.seq).order_by(Event.seq.desc()).first()
    return Cursor(end.epoch, row.seq if row else 0)


def _is_too_far(visible: "ModelSelect[Event]", cursor: Cursor, end: Cursor) -> bool:
    """Say whether a cursor lies beyond the end, or over MAX_REPLAY events of a query before it."""
    if end.seq - cursor.seq <= MAX_REPLAY:
        return cursor.seq > end.seq
    between = visible.select(Event.seq).where(Event.seq > cursor.seq, Event.seq <= end.seq)
    return between.order_by(Event.seq).offset(MAX_REPLAY).first() is not None
