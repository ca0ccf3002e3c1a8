"""Wakes: what hints to a hub that something was committed; the log is the truth."""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

import anyio
import psycopg2
import psycopg2.extensions
from anyio.to_thread import run_sync

from service.base.shared import Shared
from service.data import db
from service.live.readers import Readers

POLL = 1.0  # seconds; the longest a change made elsewhere waits when every hint is lost
RELISTEN = 5.0  # seconds until a database that can't be listened to is asked again


class Wake(Protocol):
    """One way to hear of commits."""

    async def hear(self, wake: Callable[[], None]) -> None:
        """Call `wake`, in the event loop, at each hint; work until cancelled."""


class Told:
    """What this process has committed itself: its routes tell, and others hear of it."""

    def __init__(self, shared: Shared, readers: Readers) -> None:
        self._shared = shared
        self.readers = readers
        self._tell: Callable[[], object] | None = None
        self._hint: Callable[[int], object] | None = None
        self._pass_on: Callable[[Collection[int]], object] | None = None

    def tell(self) -> None:
        """Hint that something was committed; may be called from any thread."""
        if self._tell:
            self._tell()

    def hint(self, user: int) -> None:
        """Let somebody's pages fetch their list of rooms anew; may be called from any thread."""
        if self._hint:
            self._hint(user)

    def pass_on(self, users: Collection[int]) -> None:
        """Let their pages at other processes do so, where Redis tells; from any thread."""
        if self._pass_on:
            self._pass_on(users)

    async def hear(self, wake: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def told() -> None:
            wake()
            self._shared.tell()

        self._tell = lambda: loop.call_soon_threadsafe(told)
        self._hint = lambda user: loop.call_soon_threadsafe(self.readers.hint, user)
        self._pass_on = lambda users: loop.call_soon_threadsafe(self._shared.tell, users)
        try:
            await asyncio.Event().wait()
        finally:
            self._tell = self._hint = self._pass_on = None


class Notified:
    """What any process has committed: PostgreSQL tells, over a connection of its own.

    Whose list of rooms has changed is told by their ids.
    """

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def hear(self, wake: Callable[[], None]) -> None:
        thread = anyio.CapacityLimiter(1)
        while True:
            try:
                connection = await run_sync(db.listen, limiter=thread)
            except psycopg2.Error:
                await asyncio.sleep(RELISTEN)
                continue
            if connection is None:
                return
            await _hear(connection, wake, self._readers)


async def _hear(
    connection: psycopg2.extensions.connection, wake: Callable[[], None], readers: Readers
) -> None:
    loop = asyncio.get_running_loop()
    lost = asyncio.Event()
    descriptor = connection.fileno()  # a lost connection can't tell any more

    def heard() -> None:
        try:
            connection.poll()
            told = {each.payload for each in connection.notifies}
            connection.notifies.clear()
            for users in told - {""}:
                for user in users.split():
                    readers.hint(int(user))
            if told and "" not in told:
                return
        except psycopg2.Error:
            loop.remove_reader(descriptor)
            lost.set()
        wake()

    loop.add_reader(descriptor, heard)
    try:
        await lost.wait()
    finally:
        loop.remove_reader(descriptor)
        connection.close()


class Published:
    """What other processes have committed: the Redis that they share tells."""

    def __init__(self, shared: Shared, readers: Readers) -> None:
        self._shared = shared
        self._readers = readers

    async def hear(self, wake: Callable[[], None]) -> None:
        await self._shared.run(wake, self._readers.hint)


class Polled:
    """Whatever nothing tells of: now and then is time to look."""

    async def hear(self, wake: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(POLL)
            wake()


def wakes(told: Told, shared: Shared) -> tuple[Wake, ...]:
    """Return every way in which a process hears of commits: with Redis, PostgreSQL tells of none.

    To notify takes a lock of the whole server's at each commit.
    """
    readers = told.readers
    elsewhere = Published(shared, readers) if shared.is_named else Notified(readers)
    return told, elsewhere, Polled()
