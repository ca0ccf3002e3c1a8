"""What the processes of a board share, if REDIS_URL names a Redis: hints, and counted limits.

Nothing depends on it. While it is away, hints do not come, and each process counts for itself.
"""

import asyncio
import hmac
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from service.base import metrics
from service.base.redis_url import Redis

if TYPE_CHECKING:
    from service.base.redis_client import Ask, Command, Hints

PATIENCE = 0.25  # seconds that anybody waits for an answer: one that hangs costs this, once
LOOK = 2.0  # seconds between two questions where nobody has any, so that its loss is noticed
PAUSE = 1.0  # seconds until one that is away is tried again
GAP = 0.02  # seconds between two hints; the hub that gets them looks no more often
LINE = 1000  # questions that may wait
MOST = 64  # asked at once
COMMIT = b"*"  # in a hint, beside the ids of users
MEANWHILE = "other processes' changes show up to a second late, limits are each process's own"
# When the budget will be whole again is all that is kept of it: `paces` has the same in Python.
TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + ARGV[1]
local wait = due - now - ARGV[2]
if wait <= 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
end
return wait
"""

logger = logging.getLogger(__name__)


class _Taking(NamedTuple):
    """One of a budget, asked for: what each costs, and all of it, in microseconds."""

    key: str
    each: int
    whole: int
    answer: asyncio.Future[int | None]


class Shared:
    """A connection to the board's Redis, used in the event loop; or none, where none is named.

    `secret` is what the names in it are made of: several boards can use one Redis, and it learns
    nobody's address.
    """

    def __init__(self, server: Redis | None = None, secret: str = "") -> None:
        self.is_up = False
        self._server = server
        self._secret = secret.encode()
        self._me = secrets.token_bytes(8)
        self._was_up: bool | None = None
        self._takings: deque[_Taking] = deque()
        self._asked = asyncio.Event()
        self._is_hinting = self._hint = False
        self._news: set[bytes] = set()  # of what the next hint tells
        self._next_hint = 0.0

    @property
    def is_named(self) -> bool:
        return self._server is not None

    def tell(self, users: Iterable[int] = ()) -> None:
        """Hint to the other processes that something was committed; nobody waits for it.

        With the ids of users: that it is their lists of rooms alone.
        """
        if not self.is_up:
            return
        self._news |= {b"%d" % user for user in users} or {COMMIT}
        if not self._is_hinting:
            self._is_hinting = True
            asyncio.get_running_loop().call_at(self._next_hint, self._let_hint)

    def _let_hint(self) -> None:
        self._hint = True
        self._asked.set()

    async def take(self, name: str, each: int, whole: int) -> int | None:
        """Use up one of a budget that all processes share; None if that can't be done just now.

        `each` are the microseconds in which one comes back, `whole` those of all. Returns the
        microseconds to wait until there is one; 0 or less if it was taken.
        """
        if not self.is_up or len(self._takings) >= LINE:
            return None
        answer = asyncio.get_running_loop().create_future()
        self._takings.append(_Taking(self._name(name), each, whole, answer))
        self._asked.set()
        try:
            async with asyncio.timeout(PATIENCE):
                return await answer
        except TimeoutError:
            return None

    def _name(self, what: str) -> str:
        return f"board:{hmac.digest(self._secret, what.encode(), 'sha256').hex()[:32]}"

    async def run(
        self, heard: Callable[[], None], told_of: Callable[[int], object] = lambda _: None
    ) -> None:
        """Look after the connection until cancelled, and hear others' hints.

        At one of a commit `heard` is called, and `told_of` with the id of each user whose list of
        rooms is another.
        """
        if self._server is None:
            return
        from service.base import redis_client  # noqa: PLC0415, as it says

        while True:
            try:
                channel = self._name("hints")
                async with redis_client.connected(self._server, channel) as connected:
                    await self._use(self._server.place, *connected, heard, told_of)
            except* redis_client.FAILURES as failures:
                why = redis_client.reason(failures.exceptions[0], self._server)
                self._went(self._server.place, why)
            finally:
                self._let_go()
            await asyncio.sleep(PAUSE)

    async def why_not(self) -> str:
        """Try all that is done with the server; return why it can't be used, nothing if it can."""
        if self._server is None:
            return "no server is named"
        from service.base import redis_client  # noqa: PLC0415, as it says

        try:
            async with redis_client.connected(self._server, self._name("hints")) as (ask, _):
                self._hint = True
                await self._ask(ask)
        except redis_client.FAILURES as failure:
            return redis_client.reason(failure, self._server)
        return ""

    async def _use(
        self,
        place: str,
        ask: "Ask",
        hints: "Hints",
        heard: Callable[[], None],
        told_of: Callable[[int], object],
    ) -> None:
        await self._ask(ask)
        self._came(place)
        heard()  # what nobody could tell meanwhile
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(hints, heard, told_of))
            tasks.create_task(self._ask_for_ever(ask))

    async def _hear(
        self, hints: "Hints", heard: Callable[[], None], told_of: Callable[[int], object]
    ) -> None:
        async for hint in hints:
            by, news = hint["data"][: len(self._me)], set(hint["data"][len(self._me) :].split())
            if by == self._me:
                continue
            for user in news - {COMMIT}:
                told_of(int(user))
            if COMMIT in news or not news:  # the release before says no more
                heard()

    async def _ask_for_ever(self, ask: "Ask") -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._asked.wait()
            self._asked.clear()
            await self._ask(ask)
            if self._takings:
                self._asked.set()

    async def _ask(self, ask: "Ask") -> None:
        """Ask and tell in one go what waits for it; where nothing is asked, whether it answers."""
        waiting = [self._takings.popleft() for _ in range(min(MOST, len(self._takings)))]
        takings = [each for each in waiting if not each.answer.done()]
        commands = [_eval(each.key, each.each, each.whole) for each in takings]
        commands = commands or [_eval(self._name("look"), 1, 1)]
        if self._hint:
            self._is_hinting = self._hint = False
            self._next_hint = asyncio.get_running_loop().time() + GAP
            told = self._me + b" ".join(sorted(self._news))
            self._news.clear()
            commands.append(("PUBLISH", self._name("hints"), told))
        try:
            async with asyncio.timeout(PATIENCE):
                waits = await ask(commands)
            for taking, wait in zip(takings, waits, strict=False):
                _answer(taking, wait)
        finally:
            for taking in takings:
                _answer(taking, None)

    def _let_go(self) -> None:
        """Let whoever waits for an answer go on without one."""
        self.is_up = False
        self._news.clear()
        while self._takings:
            _answer(self._takings.popleft(), None)

    def _came(self, place: str) -> None:
        self.is_up = True
        if not self._was_up:
            logger.info("Redis at %s answers", place)
        self._was_up = True
        metrics.redis_up.set(1)

    def _went(self, place: str, why: str) -> None:
        if self._was_up is not False:
            logger.warning("Redis can't be used (%s: %s): %s", place, why, MEANWHILE)
        self._was_up = False
        metrics.redis_up.set(0)


def _eval(key: str, each: int, whole: int) -> "Command":
    return "EVAL", TAKE, "1", key, str(each), str(whole)


def _answer(taking: _Taking, wait: int | None) -> None:
    if not taking.answer.done():
        taking.answer.set_result(wait)
