"""What is deleted, with its people or its room: emptied after the answer that promised it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from service.base.errors import Unavailable
from service.base.lanes import Lanes
from service.data import db, outages

PAUSE = 10.0  # seconds until a database that was away is tried again

Batches = Callable[[], Iterator[bool]]  # empties some at each step, until all is done

logger = logging.getLogger(__name__)


class Emptying:
    """Goes on in the background, some texts at a time: nobody who writes waits for all of them."""

    def __init__(self, lanes: Lanes, *batches: Batches) -> None:
        self._lanes = lanes
        self._batches = batches
        self._wake: Callable[[], object] = lambda: None

    def begin(self) -> None:
        """Empty what has been marked, from any thread."""
        self._wake()

    async def run(self) -> None:
        """Do what is left of an earlier start, and then what is asked for, until cancelled."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._wake = partial(loop.call_soon_threadsafe, woken.set)
        try:
            while True:
                woken.clear()
                try:
                    await self._catch_up()
                except (*db.FAILURES, Unavailable) as failure:
                    logger.warning("texts are emptied later: %s", outages.reason(failure))
                    loop.call_later(PAUSE, woken.set)
                await woken.wait()
        finally:
            self._wake = lambda: None

    async def _catch_up(self) -> None:
        batches = chain.from_iterable(each() for each in self._batches)
        begun = time.monotonic()
        while await self._lanes.run("writes", partial(next, batches, False)):
            # Half of the time is others', for whom the batches would be a crowd.
            await asyncio.sleep(time.monotonic() - begun)
            begun = time.monotonic()
