"""The newest changes of the log, kept in memory: most of what readers who come back have missed."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from operator import attrgetter

from service.access.identity import Identity
from service.data import events
from service.data.events import Cursor
from service.data.tables import EVERYWHERE
from service.live.changes import Change, Changes, Thing

SEQ = attrgetter("cursor.seq")


class Recent:
    """The newest changes up to `cursor`, each with its thing as it was when last read.

    They are kept by room. `older` is the number of the newest event of each room that is not.
    """

    def __init__(self, start: Cursor, found: Changes, older: Mapping[int, int]) -> None:
        self.cursor = start
        self._older = dict(older)
        self._rooms: defaultdict[int, deque[Change]] = defaultdict(deque)
        self._order: deque[int] = deque()  # of whose changes, from the oldest on
        self._held: Counter[Thing] = Counter()
        self.add(found)

    def add(self, found: Changes) -> None:
        """Take the changes that follow, and let go of the oldest."""
        newest = {change.thing: change.view for change in found.changes}
        if not self._held.keys().isdisjoint(newest):
            for room in {change.room for change in found.changes}:
                self._renew(self._rooms[room], newest)
        for change in found.changes:
            self._rooms[change.room].append(change)
            self._order.append(change.room)
        self._held.update(change.thing for change in found.changes)
        while len(self._order) > events.MAX_REPLAY:
            self._let_go(self._order.popleft())
        self.cursor = found.cursor

    @staticmethod
    def _renew(changes: deque[Change], newest: Mapping[Thing, object]) -> None:
        for place, change in enumerate(changes):
            if change.thing in newest:
                changes[place] = replace(change, view=newest[change.thing])

    def _let_go(self, room: int) -> None:
        change = self._rooms[room].popleft()
        if not self._rooms[room]:
            del self._rooms[room]
        self._older[room] = change.cursor.seq
        self._held[change.thing] -= 1
        if not self._held[change.thing]:
            del self._held[change.thing]

    def has_reached(self, cursor: Cursor) -> bool:
        return cursor.epoch == self.cursor.epoch and cursor.seq <= self.cursor.seq

    def reaches_back(self, cursor: Cursor, room: int) -> bool:
        """Say whether it has all that a reader of a room is told after a cursor."""
        return cursor.seq >= max(self._older.get(room, 0), self._older.get(EVERYWHERE, 0))

    def after(self, cursor: Cursor, room: int, me: Identity) -> list[Change]:
        """Return what `me` is told of a room after `cursor`, in its order."""
        return [
            change
            for change in self._of(room)
            if change.cursor.seq > cursor.seq and change.concerns(me)
        ]

    def _of(self, room: int) -> Iterator[Change]:
        kept = [self._rooms[each] for each in (room, EVERYWHERE) if each in self._rooms]
        return heapq.merge(*kept, key=SEQ)


def each_once(changes: list[Change]) -> list[Change]:
    """Return changes with each thing once.

    A thing stands where it changed first, as it is now: whoever breaks off anywhere misses none,
    and has seen a message posted before it is told that it was edited. What is shown on other
    things stands where it changed last, behind those that were read before.
    """
    told: dict[Thing, Change] = {}
    for change in changes:
        if change.noun.last:
            told.pop(change.thing, None)
        told.setdefault(change.thing, change)
    return list(told.values())
