"""The newest changes of the log, kept in memory: most of what readers who come back have missed."""

from collections import Counter, deque
from dataclasses import replace

from service.access.identity import Identity
from service.data import events
from service.data.events import Cursor
from service.live.changes import Change, Changes, Thing


class Recent:
    """The changes after `start` up to `cursor`, each with its thing as it was when last read."""

    def __init__(self, start: Cursor, found: Changes) -> None:
        self.cursor = start
        self._start = start.seq
        self._changes: deque[Change] = deque()
        self._held: Counter[Thing] = Counter()
        self.add(found)

    def add(self, found: Changes) -> None:
        """Take the changes that follow, and let go of the oldest."""
        newest = {change.thing: change.view for change in found.changes}
        if not self._held.keys().isdisjoint(newest):
            for place, change in enumerate(self._changes):
                if change.thing in newest:
                    self._changes[place] = replace(change, view=newest[change.thing])
        self._changes.extend(found.changes)
        self._held.update(change.thing for change in found.changes)
        while len(self._changes) > events.MAX_REPLAY:
            self._let_go(self._changes.popleft())
        self.cursor = found.cursor

    def _let_go(self, change: Change) -> None:
        self._start = change.cursor.seq
        self._held[change.thing] -= 1
        if not self._held[change.thing]:
            del self._held[change.thing]

    def has_reached(self, cursor: Cursor) -> bool:
        return cursor.epoch == self.cursor.epoch and cursor.seq <= self.cursor.seq

    def after(self, cursor: Cursor | None, room: int, me: Identity) -> list[Change] | None:
        """Return what `me` is told of a room after `cursor`, each thing once; None if unknown.

        A thing stands where it changed first, as it is now: whoever breaks off anywhere misses
        none, and has seen a message posted before it is told that it was edited. What is shown on
        other things stands where it changed last, behind those that were read before.
        """
        if cursor is None or not self.has_reached(cursor) or cursor.seq < self._start:
            return None
        told: dict[Thing, Change] = {}
        for change in self._changes:
            if change.cursor.seq > cursor.seq and change.room == room and change.concerns(me):
                if change.noun.last:
                    told.pop(change.thing, None)
                told.setdefault(change.thing, change)
        return list(told.values())
