"""What changed, of every noun: the log after a cursor, with each thing as it is now."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.access import visible
from service.access.identity import Identity
from service.access.visible import EVERYONE, Reader
from service.data import db, events
from service.data.events import Cursor, Entry, Replay
from service.data.tables import Room
from service.live import audiences, nouns
from service.live.audiences import Audience
from service.live.nouns import Load, Noun

Thing = tuple[Load, int]  # what loads it, and its id: nouns may tell of the same things
Sealed = Callable[[Cursor], str]


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
    slugs: Mapping[int, str] = field(default_factory=dict)  # of the rooms they are of

    @property
    def read_to(self) -> Cursor:
        """How far the log was read for them, if there are no more of them."""
        return Cursor(self.cursor.epoch, self.cursor.seq + self.behind)

    def as_json(self, sealed: Sealed) -> dict[str, Any]:
        """Return it as programs get it: each with the cursor behind it, and its room's slug."""
        listed = [
            {"cursor": sealed(each.cursor), "kind": each.kind, "room": self.slugs.get(each.room)}
            | each.noun.json(each.view)
            for each in self.changes
        ]
        return {"events": listed, "cursor": sealed(self.cursor), "resync": self.resync}


@dataclass(frozen=True)
class Batch:
    """What comes next, for the hub, with what it must know of its rooms, as they were just then.

    Those that have `moved` have other readers or another look by now: some after the last of these
    changes, as the things are shown as they are by then. Those that are `altered` by these have
    another look to all who are in them; `told` are those whom it alone concerns that they are in
    one.
    """

    found: Changes
    moved: Collection[int]
    altered: Collection[int]
    told: Collection[int]  # users
    audiences: Mapping[int, Audience]


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
            replay = events.after(visible.events(me, room), cursor, limit)
            return replace(self._read(me, replay, limit), slugs=_slugs(replay.events))

    def batch(self, cursor: Cursor, limit: int, known: Collection[int]) -> Batch:
        """Return what comes next, for all readers, and the audiences that are not `known`."""
        with db.snapshot():
            replay = events.after(visible.events(EVERYONE), cursor, limit)
            found = self._read(EVERYONE, replay, limit)
            moving = [each for each in replay.events if each.kind in audiences.KINDS]
            moved = {each.room for each in moving}
            if found.more:
                moved |= audiences.ahead(found.cursor)
            wanted = moved | ({each.room for each in found.changes} - set(known))
            altered = {each.room for each in moving if each.user is None}
            told = {each.user for each in moving if each.user is not None}
            return Batch(found, moved, altered, told, audiences.of(wanted))

    def newest(self) -> tuple[Cursor, Changes, dict[int, int]]:
        """Return the newest changes, the cursor before them, and what is older of each room.

        That is the number of its newest event; it may have none.
        """
        with db.snapshot():
            end = events.newest()
            start = Cursor(end.epoch, max(0, end.seq - events.MAX_REPLAY))
            replay = events.after(visible.events(EVERYONE), start, events.MAX_REPLAY)
            return start, self._read(EVERYONE, replay), visible.newest_of_all(start)

    def _read(self, me: Reader, replay: Replay, limit: int = 0) -> Changes:
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


def _slugs(entries: Iterable[Entry]) -> dict[int, str]:
    if rooms := {each.room for each in entries}:
        return {row.id: row.slug for row in Room.select(Room.id, Room.slug).where(Room.id << rooms)}
    return {}


def _loaded(me: Reader, things: Iterable[Thing]) -> dict[Thing, Any]:
    wanted: defaultdict[Load, set[int]] = defaultdict(set)
    for load, number in things:
        wanted[load].add(number)
    return {
        (load, number): view
        for load, numbers in wanted.items()
        for number, view in load(me, numbers).items()
    }
