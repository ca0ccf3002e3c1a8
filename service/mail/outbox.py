"""The outbox: what is to be mailed, written and sent after the answer that promised it."""

import asyncio
import datetime as dt
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import anyio
from anyio.to_thread import run_sync

from service.access.options import Current
from service.base import clock
from service.base.config import Settings
from service.base.errors import TooManyRequests
from service.base.lanes import Lanes
from service.base.paces import Mails
from service.base.shared import Shared
from service.base.smtp import Smtp
from service.data import db, outages
from service.mail import addresses, smtp
from service.mail.smtp import Mail

MOST = 200  # mails that wait, so that no crowd fills the memory
TRIES = 3
PAUSE = 60.0  # seconds until a server that was away, or asked for patience, is tried again

Write = Callable[[], Mail | None]
logger = logging.getLogger(__name__)


class Trouble(NamedTuple):
    """Why the newest mail was not taken, and when."""

    reason: str
    at: dt.datetime


@dataclass
class _Job:
    write: Write
    mail: Mail | None = None
    tries: int = 0


class Outbox:
    """Mails that wait in this process, sent one by one. Each begins with a look at the database.

    That look is made here and not by whoever promises the mail: no answer takes longer, or reads
    otherwise, for a name or an address that the board knows.
    """

    def __init__(self, settings: Settings, lanes: Lanes, options: Current, shared: Shared) -> None:
        self._server = settings.smtp if settings.mails else None  # no link without it
        self._options = options
        self._lanes = lanes
        self._thread = anyio.CapacityLimiter(1)
        self._paces = Mails(shared)
        self._waiting: deque[_Job] = deque()
        self._wake: Callable[[], object] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.trouble: Trouble | None = None

    @property
    def open(self) -> bool:
        """Say whether there is a server, and an address of the board for its links."""
        return self._server is not None

    def put(self, write: Write, after: float = 0.0) -> None:
        """Have a mail written and sent, from any thread; `write` returns None if there is none.

        That is begun after so many seconds, if this process is there then.
        """
        if self._server is None:
            return
        if after and self._loop:
            self._loop.call_soon_threadsafe(self._loop.call_later, after, self.put, write)
            return
        if len(self._waiting) >= MOST:
            logger.warning("%d mails wait already; one more was dropped", MOST)
            return
        self._waiting.append(_Job(write))
        self._wake()

    async def run(self) -> None:
        """Send what waits until cancelled."""
        if self._server is None:
            return
        self._loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._wake = partial(self._loop.call_soon_threadsafe, woken.set)
        try:
            while True:
                woken.clear()
                while self._waiting:
                    await self._do(self._waiting.popleft(), self._server)
                await woken.wait()
        finally:
            self._wake, self._loop = lambda: None, None

    async def _do(self, job: _Job, server: Smtp) -> None:
        try:
            job.mail = job.mail or await self._lanes.run("writes", job.write)
            if job.mail and (job.tries or await self._may_have_one(job.mail)):
                send = partial(smtp.send, server, self._options.board_name, job.mail)
                await run_sync(send, limiter=self._thread)
                logger.info("a mail was sent")
                self.trouble = None
        except db.UNAVAILABLE as failure:
            self._failed(job, outages.reason(failure), again=True)
        except smtp.FAILURES as failure:
            self._failed(job, smtp.reason(failure), again=not smtp.is_permanent(failure))
        except Exception:  # one bad mail keeps no other from being sent
            logger.exception("a mail could not be written")

    async def _may_have_one(self, mail: Mail) -> bool:
        """Say whether an address gets another mail: nobody fills the box of somebody else."""
        try:
            await self._paces.take(addresses.key(mail.to))
        except TooManyRequests:
            logger.warning("an address has got many mails; one more was dropped")
            return False
        return True

    def _failed(self, job: _Job, reason: str, *, again: bool) -> None:
        self.trouble = Trouble(reason, clock.now())
        job.tries += 1
        if again and job.tries < TRIES:
            logger.warning("a mail was not sent, and will be tried again: %s", reason)
            asyncio.get_running_loop().call_later(PAUSE, self._again, job)
        else:
            logger.error("a mail was not sent: %s", reason)

    def _again(self, job: _Job) -> None:
        self._waiting.append(job)
        self._wake()
