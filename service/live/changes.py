"""What changed, of every noun: the log after a cursor, with each thing as it is now."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.access import visible
from service.access.identity import Identity
from service.access.visible import EVERYONE, Reader
from service.data import db, events
from service.data.events import Cursor
from service.live import nouns
from service.live.nouns import Load, Noun

Thing = tuple[Load, int]  # what loads it, and its id: nouns may tell of the same things


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """That a thing changed, and the thing as it was when it was last read."""

    cursor: Cursor  # behind it
    room: int
    kind: str
    noun: Noun[Any]
    thing: Thing
    view: Any
    at: dt.datetime  # when its event was written
    user: int | None = None  # whom alone it concerns

    def concerns(self, me: Identity) -> bool:
        """Say whether a reader of its room is told of it."""
        return self.user is None or self.user == me.user_id


@dataclass(frozen=True)
class Changes:
    """What changed after a cursor, and the cursor behind it; `resync` if that can't be told.

    Kinds of events that nobody here knows are passed over, so there may be `more` where none is.
    """

    changes: list[Change]
    cursor: Cursor
    resync: bool = False
    more: bool = False
    behind: int = 0  # events beyond the cursor

    def as_json(self) -> dict[str, Any]:
        """Return it as programs get it."""
        listed = [
            {"seq": each.cursor.seq, "kind": each.kind} | each.noun.json(each.view)
            for each in self.changes
        ]
        return {"events": listed, "cursor": str(self.cursor), "resync": self.resync}


class Log:
    """The log of events, read through the nouns that there are."""

    def __init__(self, known: Iterable[Noun[Any]]) -> None:
        self._nouns = nouns.by_kind(known)

    def after(
        self,
        me: Reader,
        cursor: Cursor | None,
        limit: int = events.MAX_REPLAY,
        room: int | None = None,
    ) -> Changes:
        """Return what changed after `cursor`, of at most `limit` events that `me` may see.

        They are of one room, or of all.
        """
        with db.snapshot():
            return self._after(me, cursor, limit, room)

    def newest(self) -> tuple[Cursor, Changes]:
        """Return the newest changes, as far back as a cursor is followed, and that cursor."""
        with db.snapshot():
            end = events.newest()
            start = Cursor(end.epoch, max(0, end.seq - events.MAX_REPLAY))
            return start, self._after(EVERYONE, start, events.MAX_REPLAY)

    def _after(
        self, me: Reader, cursor: Cursor | None, limit: int, room: int | None = None
    ) -> Changes:
        replay = events.after(visible.events(me, room), cursor, limit)
        epoch = replay.cursor.epoch
        known = [
            (each, noun, (noun.load, each.subject))
            for each in replay.events
            if (noun := self._nouns.get(each.kind))
        ]
        views = _loaded(me, {thing for _, _, thing in known})
        found = [
            Change(
                Cursor(epoch, event.seq),
                event.room,
                event.kind,
                noun,
                thing,
                views[thing],
                event.at,
                event.user,
            )
            for event, noun, thing in known
            if thing in views
        ]
        more = len(replay.events) == limit
        return Changes(found, replay.cursor, replay.resync, more, replay.behind)


def _loaded(me: Reader, things: Iterable[Thing]) -> dict[Thing, Any]:
    wanted: defaultdict[Load, set[int]] = defaultdict(set)
    for load, number in things:
        wanted[load].add(number)
    return {
        (load, number): view
        for load, numbers in wanted.items()
        for number, view in load(me, numbers).items()
    }
