"""Each kind of work has threads of its own: none can hold up another.

What has no lane of its own runs on the event loop's default limiter.
"""

import functools
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import anyio
from anyio.to_thread import current_default_thread_limiter, run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from service.base import metrics, parts
from service.base.errors import BUSY, Unavailable

PATIENCE = 10.0  # seconds a request waits for a thread
ANSWERS = 2  # threads that render what failed; they need no connection
IN_LINE = 16  # SQLite's writers: all but one wait for their turn without a connection

Lane = Literal["reads", "writes", "searches", "readiness", "answers"]
_unlimited = anyio.CapacityLimiter(math.inf)


class Lanes:
    """How many threads each kind of work has, so that all of them find a connection."""

    def __init__(self, connections: int, *, one_writer: bool) -> None:
        writes, searches, self.others = (max(1, (connections - 1) // n) for n in (4, 6, 6))
        sizes: dict[Lane, int] = {
            "reads": max(1, connections - 2 - writes - searches - self.others),  # and one posts
            "writes": IN_LINE if one_writer else writes,
            "searches": searches,
            "readiness": 1,
            "answers": ANSWERS,
        }
        self._limiters = {lane: anyio.CapacityLimiter(size) for lane, size in sizes.items()}
        # SQLite's writers have one connection, for which they wait in their threads.
        without = {"answers", "writes"} if one_writer else {"answers"}
        self._measured = {lane: sizes[lane] for lane in sizes if lane not in without}
        for lane, size in self._measured.items():
            metrics.connections_limit.set(size, lane)
            metrics.connections_in_use.set(0, lane)

    def open(self) -> None:
        """Let the running event loop's default limiter fit in."""
        current_default_thread_limiter().total_tokens = self.others

    async def run[R](self, lane: Lane, work: Callable[[], R]) -> R:
        """Do it in a thread; raise Unavailable if none is free in time."""
        limiter = self._limiters[lane]
        ticket = object()
        started = time.perf_counter()
        try:
            with anyio.fail_after(PATIENCE):
                await limiter.acquire_on_behalf_of(ticket)
        except TimeoutError:
            raise Unavailable(BUSY) from None
        finally:
            self._measure(lane, time.perf_counter() - started)
        try:
            return await run_sync(work, limiter=_unlimited)
        finally:
            limiter.release_on_behalf_of(ticket)
            self._measure(lane)

    def _measure(self, lane: Lane, waited: float | None = None) -> None:
        if lane in self._measured:
            metrics.connections_in_use.set(self._limiters[lane].borrowed_tokens, lane)
            if waited is not None:
                metrics.connection_wait.observe(waited, lane)


async def run[*Ts, R](scope: Scope, lane: Lane, work: Callable[[*Ts], R], *args: *Ts) -> R:
    """Do it in a thread of that lane."""
    return await parts.of(scope, Lanes).run(lane, functools.partial(work, *args))


Endpoint = Callable[..., Response]


def on(lane: Lane) -> Callable[[Endpoint], Callable[..., Awaitable[Response]]]:
    """Let a plain endpoint run in a thread of that lane."""

    async def always(_request: Request, _given: dict[str, Any]) -> Lane:
        return lane

    return chosen(always)


def searches_apart(endpoint: Endpoint) -> Callable[..., Awaitable[Response]]:
    """Let a plain endpoint run with the searches if it was asked `q`, else with the reads."""

    async def choose(_request: Request, given: dict[str, Any]) -> Lane:
        return "searches" if given["q"].strip() else "reads"

    return chosen(choose)(endpoint)


def chosen(
    choose: Callable[[Request, dict[str, Any]], Awaitable[Lane | None]],
) -> Callable[[Endpoint], Callable[..., Awaitable[Response]]]:
    """Let a plain endpoint run in the lane that `choose` names for a request and its arguments.

    For None it runs at once, in no thread: then it must find all it needs in memory.
    """

    def decorate(endpoint: Endpoint) -> Callable[..., Awaitable[Response]]:
        @functools.wraps(endpoint)  # FastAPI reads the parameters of what is wrapped
        async def in_lane(*, request: Request, **given: Any) -> Response:
            lane = await choose(request, given)
            if lane is None:
                return endpoint(request=request, **given)
            work = functools.partial(endpoint, request=request, **given)
            return await parts.of(request, Lanes).run(lane, work)

        return in_lane

    return decorate
