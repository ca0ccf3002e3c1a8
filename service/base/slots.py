"""Slots for work that takes much memory or a whole core: few at a time, and a line that ends."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from service.base.errors import Unavailable

BUSY = "Many people are signing in just now. Try again in a few seconds."
RETRY_AFTER = 5  # seconds


class Slots:
    """Lets `at_once` through. Those who go first are never kept waiting by those who don't.

    Each of both lines holds `line` at most, of them `each` with the same key.
    """

    def __init__(self, at_once: int, line: int, each: int) -> None:
        self._free = at_once
        self._line = line
        self._each = each
        self._lines: dict[bool, deque[asyncio.Future[None]]] = {True: deque(), False: deque()}
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, key: str, *, first: bool) -> AsyncGenerator[None]:
        """Hold a slot, once it is one's turn; raise Unavailable if the line is too long."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(key, self._lines[first])
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, key: str, line: deque[asyncio.Future[None]]) -> None:
        if len(line) >= self._line or self._waiting[key] >= self._each:
            raise Unavailable(BUSY, retry_after=RETRY_AFTER)
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        self._waiting[key] += 1
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # its turn came at the same moment
                self._pass_on()
            elif turn in line:
                line.remove(turn)
            raise
        finally:
            self._waiting[key] -= 1
            self._waiting += Counter()  # drops what has come down to zero

    def _pass_on(self) -> None:
        for line in (self._lines[True], self._lines[False]):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1
