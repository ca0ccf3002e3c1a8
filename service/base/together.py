"""What many ask for at the same time is done in one go: one trip to the database, one commit.

Those who ask hold no thread while they wait.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from service.base.errors import BUSY, Unavailable

PATIENCE = 10.0  # seconds somebody waits for the work on theirs to begin
LINE = 1000  # that may wait
MOST = 64  # done in one go


class Together[Item, Result]:
    """Gives what is asked to `work`, in order of arrival, in a thread of its own.

    While that is busy, whatever else is asked waits, and goes together the next time.
    """

    def __init__(self, work: Callable[[list[Item]], Sequence[Result]]) -> None:
        self._work = work
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._working: asyncio.Task[None] | None = None
        self._thread = CapacityLimiter(1)

    async def ask(self, item: Item) -> Result:
        """Return what came of it; raise what `work` raised, or Unavailable if too many wait."""
        if len(self._waiting) >= LINE:
            raise Unavailable(BUSY)
        asked = item, asyncio.get_running_loop().create_future()
        self._waiting.append(asked)
        self._working = self._working or asyncio.create_task(self._work_on())
        try:
            await asyncio.wait({asked[1]}, timeout=PATIENCE)
        finally:
            in_line = not asked[1].done() and asked in self._waiting
            if in_line:
                self._waiting.remove(asked)
        if in_line:
            raise Unavailable(BUSY)
        return await asked[1]

    async def _work_on(self) -> None:
        try:
            while self._waiting:
                several = min(MOST, len(self._waiting))
                await self._do([self._waiting.popleft() for _ in range(several)])
        finally:
            self._working = None

    async def _do(self, asked: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        items = [item for item, _ in asked]
        try:
            results = await run_sync(self._work, items, limiter=self._thread)
        except Exception as failure:
            for _, outcome in asked:
                if not outcome.done():
                    outcome.set_exception(failure)
        else:
            for (_, outcome), result in zip(asked, results, strict=True):
                if not outcome.done():
                    outcome.set_result(result)


class Shared[Item, Result]:
    """A look that is shared by all who come while the one before it is under way.

    It begins after they came, so each sees what was committed before.
    """

    def __init__(self) -> None:
        self._looking = asyncio.Lock()
        self._next: asyncio.Task[Result] | None = None
        self._asking: set[Item] = set()  # who wait for the next look

    async def ask(self, item: Item, look: Callable[[set[Item]], Awaitable[Result]]) -> Result:
        """Return what `look` finds for all of them."""
        self._asking.add(item)
        if self._next is None:
            self._next = asyncio.create_task(self._look(look))
        # One who leaves spoils it for nobody else.
        return await asyncio.shield(self._next)

    async def _look(self, look: Callable[[set[Item]], Awaitable[Result]]) -> Result:
        async with self._looking:
            self._next = None
            asking, self._asking = self._asking, set()
            return await look(asking)
