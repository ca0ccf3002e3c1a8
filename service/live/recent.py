"""The newest changes of the log, kept in memory: most of what readers who come back have missed."""

from collections import deque
from dataclasses import replace

from service.data import events
from service.data.events import Cursor
from service.messages.messages import Change, Changes


class Recent:
    """The changes up to `cursor`, each with its message as it was when last read."""

    def __init__(self, found: Changes) -> None:
        self.cursor = found.cursor
        self._changes: deque[Change] = deque(maxlen=events.MAX_REPLAY)
        self.add(found)

    def add(self, found: Changes) -> None:
        """Take the changes that follow, and let go of the oldest."""
        newest = {c.message.id: c.message for c in found.changes if c.kind != "posted"}
        if newest:
            for place, change in enumerate(self._changes):
                if change.message.id in newest:
                    self._changes[place] = replace(change, message=newest[change.message.id])
        self._changes.extend(found.changes)
        self.cursor = found.cursor

    def has_reached(self, cursor: Cursor) -> bool:
        return cursor.epoch == self.cursor.epoch and cursor.seq <= self.cursor.seq

    def after(self, cursor: Cursor | None) -> list[Change] | None:
        """Return what changed after `cursor`, each message once; None if that can't be told.

        A message stands where it changed first, as it is now: whoever breaks off anywhere misses
        none, and has seen a message posted before it is told that it was edited.
        """
        start = self._changes[0].seq - 1 if self._changes else self.cursor.seq
        if cursor is None or not self.has_reached(cursor) or cursor.seq < start:
            return None
        first: dict[int, Change] = {}
        for change in self._changes:
            if change.seq > cursor.seq:
                first.setdefault(change.message.id, change)
        return list(first.values())
