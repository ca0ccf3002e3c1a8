"""Marks: how far people have read. They are no events, and are stored together, a little later.

Each page that is read sends them. On SQLite the one writer has better to do, and each commit lets
the newest page of every room be looked at again.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

import anyio

from service.access import visible
from service.access.visible import User
from service.base.errors import NotFound, Unavailable
from service.base.lanes import Lanes
from service.data import db, outages
from service.data.tables import Membership, Room
from service.unread import unread

# Seconds from a mark until it is stored. Other processes know of it only then.
LATER_SQLITE, LATER_POSTGRESQL = 2.0, 0.5
MOST = 500  # stored in one statement
# Not where what was stored as read was marked unread since, nor on a board that was restored.
RAISE = """WITH given (user_id, room_id, number, before, epoch) AS (VALUES {values})
UPDATE memberships SET read_number = given.number FROM given
WHERE memberships.user_id = given.user_id AND memberships.room_id = given.room_id
    AND memberships.read_number < given.number AND memberships.read_number >= given.before
    AND given.epoch = (SELECT epoch FROM event_counter)"""

logger = logging.getLogger(__name__)


class Mark(NamedTuple):
    """That somebody has read a room up to a number, and had before as far as is stored."""

    user: int
    room: int
    number: int
    before: int
    epoch: str  # of the log by then


class Marks:
    """The marks of this process that are not stored yet.

    Whose marks were stored is told by their ids, where the database does not tell of it.
    """

    def __init__(self, told: Callable[[Collection[int]], object] = bool) -> None:
        self._told = told
        self._of: defaultdict[int, dict[int, Mark]] = defaultdict(dict)
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._due = partial(bool)

    def of(self, user: int) -> dict[int, int]:
        """Return how far somebody has read, by the ids of rooms, where that is not stored yet."""
        with self._lock:
            return {room: mark.number for room, mark in self._of.get(user, {}).items()}

    def read(self, me: User, slug: str, number: int) -> None:
        """Note that a room was shown up to a number; a lower one than before changes nothing.

        Raises NotFound if `me` may not see the room.
        """
        found = unread.reached(me, slug, number)
        if found and found.number > found.before:
            self._note(Mark(me.user_id, *found))
            self._due()

    def _note(self, mark: Mark) -> None:
        with self._lock:
            rooms = self._of[mark.user]
            noted = rooms.get(mark.room)
            if noted and noted.epoch == mark.epoch and noted.before <= mark.before:
                mark = mark._replace(number=max(mark.number, noted.number))
            rooms[mark.room] = mark

    def unread(self, me: User, slug: str, number: int) -> None:
        """Let a room be unread from a number on; raise NotFound if `me` may not see it.

        A number beyond what they have read changes nothing.
        """
        there = Room.select(Room.id).where(Room.slug == slug, Room.id << visible.rooms(me))
        # What is being stored meanwhile would raise it again.
        with self._storing, db.write():
            room = there.get_or_none()
            if room is None:
                raise NotFound
            with self._lock:
                noted = self._of[me.user_id].pop(room.id, None)
            if noted:
                _raise([noted])
            own = Membership.room == room.id, Membership.user == me.user_id
            beyond = Membership.update(read_number=number - 1).where(*own)
            beyond.where(Membership.read_number >= number).execute()
            db.notify(str(me.user_id))
        self._told({me.user_id})

    def store(self) -> None:
        """Store all marks there are; until then they go before what is stored."""
        with self._storing:
            marks = self._all()
            for start in range(0, len(marks), MOST):
                some = marks[start : start + MOST]
                users = {mark.user for mark in some}
                with db.write():
                    _raise(some)
                    db.notify(" ".join(map(str, users)))
                self._told(users)
            self._forget(marks)

    def _all(self) -> list[Mark]:
        with self._lock:
            found = [mark for rooms in self._of.values() for mark in rooms.values()]
        return sorted(found)  # so that two processes lock rows in the same order

    def _forget(self, marks: list[Mark]) -> None:
        with self._lock:
            for mark in marks:
                rooms = self._of[mark.user]
                if rooms.get(mark.room) == mark:
                    del rooms[mark.room]
                if not rooms:
                    del self._of[mark.user]

    async def run(self, lanes: Lanes) -> None:
        """Store marks soon after they come, until cancelled, and then what is left."""
        loop, due = asyncio.get_running_loop(), asyncio.Event()
        self._due = partial(loop.call_soon_threadsafe, due.set)
        later = LATER_SQLITE if db.on_sqlite() else LATER_POSTGRESQL
        try:
            while True:
                await due.wait()
                await asyncio.sleep(later)
                due.clear()
                await self._try(lanes, due)
        finally:
            with anyio.CancelScope(shield=True):
                await self._try(lanes, due)

    async def _try(self, lanes: Lanes, due: asyncio.Event) -> None:
        try:
            await lanes.run("writes", self.store)
        except (*db.UNAVAILABLE, Unavailable) as failure:
            logger.warning("how far people have read was not stored: %s", outages.reason(failure))
            due.set()


def _raise(marks: Collection[Mark]) -> None:
    """Let those memberships be read as far as marks say, in a transaction."""
    one = "({:d}, {:d}, {:d}, {:d}, " + f"{db.database.param})"
    values = ", ".join(one.format(*mark) for mark in marks)
    db.database.execute_sql(RAISE.format(values=values), [mark.epoch for mark in marks])
