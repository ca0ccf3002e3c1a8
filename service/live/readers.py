"""Those who read along: the open streams of this process, by room."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Generator
from contextlib import contextmanager

from service.access.identity import Identity
from service.base import metrics
from service.base.errors import Unavailable
from service.data.tables import EVERYWHERE
from service.live.frames import Frame
from service.live.streams import Subscriber

TICK = 1.0  # seconds between two looks after all streams
FULL = "Too many pages are open. Close one, or try again in a minute."


class Readers:
    """All open streams, at most `total`, and of a user `per_user`."""

    def __init__(self, total: int, per_user: int) -> None:
        self._total = total
        self.per_user = per_user
        self._count = 0
        self._users: defaultdict[int, set[Subscriber]] = defaultdict(set)
        self._rooms: defaultdict[int, set[Subscriber]] = defaultdict(set)
        metrics.streams_open.set(0)

    def __len__(self) -> int:
        return self._count

    def all(self) -> list[Subscriber]:
        return [each for room in self._rooms.values() for each in room]

    def of(self, room: int) -> list[Subscriber]:
        """Return who is told of what happens in a room; of what concerns all of them, all are."""
        return self.all() if room == EVERYWHERE else list(self._rooms.get(room, ()))

    @property
    def users(self) -> Collection[int]:
        return self._users.keys()

    def hint(self, user: int, slug: str = "", room: int | None = None) -> None:
        """Tell a user's streams, but those of one room, of news elsewhere: see Subscriber."""
        for subscriber in self._users.get(user, ()):
            if subscriber.room != room:
                subscriber.hint(slug)

    @contextmanager
    def join(self, me: Identity, room: int) -> Generator[Subscriber]:
        """Yield a stream that belongs to them meanwhile; raise Unavailable if they are full."""
        own = len(self._users.get(me.user_id, ()))
        if self._count >= self._total or own >= self.per_user:
            metrics.throttled.count("streams")
            raise Unavailable(FULL, retry_after=30)
        subscriber = Subscriber(me, room)
        self._add(subscriber)
        try:
            yield subscriber
        finally:
            self._remove(subscriber)

    def _add(self, subscriber: Subscriber) -> None:
        self._rooms[subscriber.room].add(subscriber)
        self._users[subscriber.me.user_id].add(subscriber)
        self._count += 1
        metrics.streams_open.set(self._count)

    def _remove(self, subscriber: Subscriber) -> None:
        user, room = subscriber.me.user_id, subscriber.room
        self._count -= 1
        metrics.streams_open.set(self._count)
        self._users[user].remove(subscriber)
        if not self._users[user]:
            del self._users[user]
        self._rooms[room].remove(subscriber)
        if not self._rooms[room]:
            del self._rooms[room]

    def end_all(self, farewell: Frame | None = None) -> None:
        for subscriber in self.all():
            subscriber.end(farewell)

    async def look_after_for_ever(self) -> None:
        """Give every stream its heartbeat, and give up those whose reader takes nothing."""
        while True:
            await asyncio.sleep(TICK)
            for subscriber in self.all():
                subscriber.look_after()
