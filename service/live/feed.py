"""The feed: reads on in the log at each wake, and hands on what it finds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
from anyio.to_thread import run_sync

from service.base import metrics
from service.base.errors import Unavailable
from service.data import db, outages
from service.data.events import Cursor
from service.live.changes import Batch, Log
from service.live.recent import Recent
from service.live.streams import QUEUE

RETRY = 1.0  # seconds until the database is asked again after it failed
PAUSE = 0.02  # seconds from one look at the log to the next: a rush of posts shares one
BATCH = QUEUE // 2  # events read at once: whoever keeps up has room for them
FIRST_LOOK = 5.0  # seconds a stream waits for a hub that has not read as far as its page

logger = logging.getLogger(__name__)


class Feed:
    """The newest changes, as far as they are read.

    `deliver` is given what follows them, and adds it; `restart` a cursor that does not follow. Of
    the rooms that are `known` no audience is read again unless it has changed.
    """

    def __init__(
        self,
        log: Log,
        deliver: Callable[[Batch, Recent], Awaitable[None]],
        restart: Callable[[], Awaitable[None]],
        known: Callable[[], frozenset[int]],
    ) -> None:
        self._log = log
        self._known = known
        self._deliver = deliver
        self._restart = restart
        self._recent: Recent | None = None
        self._asked: list[asyncio.Event] = []  # by who waits for the next look at the log
        self._woken = asyncio.Event()
        self._thread = anyio.CapacityLimiter(1)

    def wake(self) -> None:
        """Let it look soon; called in the event loop."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            next_look = loop.time() + PAUSE
            asked, self._asked = self._asked, []
            try:
                behind = await self._look()
            except db.FAILURES as failure:  # whatever it does, the hub tries again
                logger.warning("The event log can't be read: %s", outages.reason(failure))
                self._asked += asked
                await asyncio.sleep(RETRY)
                continue
            if behind:
                self._asked += asked
                continue
            for each in asked:
                each.set()
            await self._woken.wait()
            await asyncio.sleep(next_look - loop.time())

    async def _look(self) -> bool:
        """Read on in the log; return whether there may be more."""
        if self._recent is None:
            self._recent = await self._newest()
            return False
        after = self._recent.cursor, BATCH, self._known()
        batch = await run_sync(self._log.batch, *after, limiter=self._thread)
        found = batch.found
        come = found.cursor.seq - self._recent.cursor.seq
        metrics.events_behind.set(found.behind if found.resync else found.behind + come)
        if found.resync:
            await self._restart()
            self._recent = await self._newest()
        else:
            await self._deliver(batch, self._recent)
        metrics.events_behind.set(found.behind)
        return found.more

    async def _newest(self) -> Recent:
        return Recent(*await run_sync(self._log.newest, limiter=self._thread))

    async def as_far_as(self, cursor: Cursor | None) -> Recent:
        """Return the newest changes; a page may know of more than the feed has read so far.

        Without a cursor it waits only until the feed has begun.
        """
        if self._recent is None or (cursor and not self._recent.has_reached(cursor)):
            looked = asyncio.Event()
            self._asked.append(looked)
            self._woken.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(looked.wait(), FIRST_LOOK)
            if self._recent is None or not looked.is_set():
                raise Unavailable
        return self._recent
