"""Ends of streams: whose session is over is told so, and nobody's goes on where none can tell."""

import asyncio
import logging
import threading
from collections.abc import Callable

import anyio
from anyio.to_thread import run_sync

from service.access import ended
from service.access.options import Current
from service.data import db, outages
from service.live import frames
from service.live.readers import Readers

SESSION_POLL = 1.0  # often enough that a busy moment ends no stream for want of a read
SESSION_LOOK = 0.25  # seconds between two looks at what was read
THREADS = 2  # of its own: one that reads, one for what can't wait for it

logger = logging.getLogger(__name__)


class Ends:
    """Ends what belongs to ended sessions, and all while those can't be read.

    A lost network may not even fail: what counts is how old the last read is. Where the duty to
    have a second factor changes, all streams begin anew, and who owes one is not let in again.
    """

    def __init__(self, readers: Readers, options: Current, begin_anew: Callable[[], None]) -> None:
        self._readers = readers
        self._options = options
        self._begin_anew = begin_anew
        self._duty = options.known.second_factor
        self._seen: ended.Ended | None = None
        self._threads = anyio.CapacityLimiter(THREADS)
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read_in_thread)
            tasks.start_soon(self._look_for_ever)

    async def _read_in_thread(self) -> None:
        await run_sync(self._read_until_stopped, limiter=self._threads)

    def _read_until_stopped(self) -> None:
        """Read in a thread of its own: what is known gets no older while the event loop is busy."""
        while not self._stopped.is_set():
            try:
                ended.sessions.refresh()
                self._options.refresh()
            except db.FAILURES as failure:  # whatever it does, the hub tries again
                logger.warning("Who is still signed in can't be read: %s", outages.reason(failure))
            self._stopped.wait(SESSION_POLL)

    async def _look_for_ever(self) -> None:
        try:
            while True:
                if ended.sessions.are_up_to_date():
                    self.look()
                else:
                    self._fail_closed()
                await asyncio.sleep(SESSION_LOOK)
        finally:
            self._stopped.set()

    def look(self) -> None:
        """Look at everybody again: end the streams of those whose session is known to be over."""
        if self._duty != self._options.known.second_factor:
            self._duty = self._options.known.second_factor
            self._begin_anew()
        known = ended.sessions.known()
        if known is self._seen:
            return
        self._seen = known
        for subscriber in self._readers.all():
            if me := ended.look_again(subscriber.me):
                subscriber.me = me
            else:
                subscriber.end(frames.SIGNED_OUT)

    def _fail_closed(self) -> None:
        if self._readers:
            logger.warning("Ended sessions were not read in time: all streams are ended.")
            self._readers.end_all()

    async def read(self) -> None:
        """Read at once who is signed in no more: everybody may be another after a restore."""
        await run_sync(ended.sessions.refresh, limiter=self._threads)

    async def catch_up(self) -> None:
        """Learn who is still signed in, if the database is just back: or a new stream would end."""
        if not ended.sessions.are_up_to_date():
            await run_sync(ended.sessions.catch_up, limiter=self._threads)
