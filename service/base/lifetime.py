"""A process's life: what it does beside answering, and how it ends in good order."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio

ORPHAN_POLL = 1.0  # seconds
# Seconds in which answers close their connections, before the rest are closed: a proxy may be
# sending on one of them just then, and a post that may have arrived is not sent again.
LEAVE_TAKING = 0.3
LAST_RESORT = 2.5  # seconds after which a process that should stop is gone, whatever it does

logger = logging.getLogger(__name__)


def at_sigterm(drain: Callable[[], None]) -> None:
    """Call `drain` before Granian waits for open answers; streams would never end otherwise."""
    if threading.current_thread() is not threading.main_thread():
        return  # under a test client, which stops the application by itself

    loop = asyncio.get_running_loop()

    def stop() -> None:
        drain()
        # An orphan has nobody to kill it if it hangs, on a reader that takes nothing for instance.
        last_resort = threading.Timer(LAST_RESORT, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        # Granian's own way to stop, still in place.
        loop.call_later(LEAVE_TAKING, os.kill, os.getpid(), signal.SIGINT)

    loop.add_signal_handler(signal.SIGTERM, stop)


@asynccontextmanager
async def background(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run coroutines beside the block; at its end, wait for the threads they use.

    If one of them fails, the process stops, so that it is replaced.
    """
    async with anyio.create_task_group() as tasks:
        for each in work:
            tasks.start_soon(_stop_if_it_fails, each)
        yield
        tasks.cancel_scope.cancel()


async def _stop_if_it_fails(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as failure:
        logger.critical("a background task failed; stopping", exc_info=failure)
        os.kill(os.getpid(), signal.SIGTERM)


async def leave_when_orphaned() -> None:
    """Stop once the supervisor is gone: an orphan would keep the port and the database."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    while os.getppid() == parent.pid:  # noqa: ASYNC110, nothing tells of a parent's death
        await asyncio.sleep(ORPHAN_POLL)
    logger.warning("the supervising process is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)
