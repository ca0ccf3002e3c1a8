"""The hub: wakes, reads events, has each rendered once per kind of viewer, feeds the streams."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import anyio
import psycopg2
import psycopg2.extensions
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import Receive, Send

from service.access import sessions
from service.access.identity import Identity
from service.access.visible import EVERYONE
from service.base import parts
from service.base.errors import Unavailable
from service.data import db, outages
from service.data.events import Cursor
from service.live import renderings, streams
from service.live.recent import Recent
from service.live.renderings import Frames, Key, Wanted
from service.live.streams import Frame, Subscriber
from service.messages import messages
from service.web.render import Renderer

RETRY = 1.0  # seconds until the database is asked again after it failed
POLL = 1.0  # seconds; the longest a change made elsewhere waits when every hint is lost
SESSION_POLL = 1.0  # often enough that a busy moment ends no stream for want of a read
SESSION_LOOK = 0.25  # seconds between two looks at what was read
PAUSE = 0.02  # seconds from one look at the log to the next: a rush of posts shares one
BATCH = streams.QUEUE // 2  # events read at once: whoever keeps up has room for them
FIRST_LOOK = 5.0  # seconds a stream waits for a hub that has not read as far as its page
TICK = 1.0  # seconds between two looks after all streams
RELISTEN = 5.0
THREADS = 4  # of the hub's own, one per task and for replays: no rush of requests keeps it waiting
FULL = "Too many pages are open. Close one, or try again in a minute."

logger = logging.getLogger(__name__)


class Hub:
    """All open streams of this process, and the tasks that feed and end them."""

    def __init__(self, renderer: Renderer, total: int, per_user: int) -> None:
        self.total = total
        self.per_user = per_user
        self.draining = False
        self.subscribers: set[Subscriber] = set()
        self._per_user: Counter[int] = Counter()
        self._frames = Frames(renderer)
        self._recent: Recent | None = None
        self._asked: list[asyncio.Event] = []  # by who waits for the next look at the log
        self._replaying = asyncio.Lock()
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._threads = anyio.CapacityLimiter(THREADS)
        self._stopped = threading.Event()

    # Called from routes' threads.

    def wake(self) -> None:
        """Hint that something was committed; the other processes hear of it by the database."""
        self._loop.call_soon_threadsafe(self._woken.set)

    # The tasks.

    async def run(self) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._feed_for_ever)
            tasks.start_soon(self._in_thread, self._read_sessions_until_stopped)
            tasks.start_soon(self._end_sessions_for_ever)
            tasks.start_soon(self._listen_for_ever)
            tasks.start_soon(self._look_after_streams_for_ever)

    async def _in_thread[*Ts, R](self, work: Callable[[*Ts], R], *args: *Ts) -> R:
        return await run_sync(work, *args, limiter=self._threads)

    async def _feed_for_ever(self) -> None:
        while True:
            self._woken.clear()
            next_look = self._loop.time() + PAUSE
            asked, self._asked = self._asked, []
            try:
                behind = await self._feed()
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
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL)
            await asyncio.sleep(next_look - self._loop.time())

    async def _feed(self) -> bool:
        """Read on in the log; return whether there may be more."""
        if self._recent is None:
            self._recent = Recent(await self._in_thread(messages.newest_changes))
            return False
        found = await self._in_thread(messages.changes, EVERYONE, self._recent.cursor, BATCH)
        if found.resync:
            # Perhaps by a restore: then the pages' tokens are worth nothing when they come back.
            await self._in_thread(sessions.ended_sessions.refresh)
            self._recent = Recent(found)
            self._frames.clear()
            self._end_all(streams.resync_frame(found.cursor))
        elif found.changes:
            await self._deliver(found, self._recent)
        return len(found.changes) == BATCH

    async def _deliver(self, found: messages.Changes, recent: Recent) -> None:
        ready: dict[Key, Frame] = {}
        while missing := {k: c for k, c in self._wanted(found).items() if k not in ready}:
            ready |= await self._rendered(missing)
        # From here on without a pause: a stream has a change from its replay or from here.
        recent.add(found)
        for change in found.changes:
            for subscriber in list(self.subscribers):
                subscriber.put(ready[renderings.key(found.cursor.epoch, change, subscriber.claims)])

    def _wanted(self, found: messages.Changes) -> Wanted:
        readers = {(each.claims.zone, each.claims.user_id): each for each in self.subscribers}
        return {
            renderings.key(found.cursor.epoch, change, each.claims): change
            for each in readers.values()
            for change in found.changes
        }

    async def _rendered(self, wanted: Wanted) -> dict[Key, Frame]:
        """Return frames, rendering those that nobody has wanted before."""
        found = self._frames.kept(wanted)
        if missing := {key: change for key, change in wanted.items() if key not in found}:
            made = await self._in_thread(self._frames.make, missing)
            self._frames.keep(made)
            found |= made
        return found

    def _read_sessions_until_stopped(self) -> None:
        """Read in a thread of its own: what is known gets no older while the event loop is busy."""
        while not self._stopped.is_set():
            try:
                sessions.ended_sessions.refresh()
            except db.FAILURES as failure:  # whatever it does, the hub tries again
                logger.warning("Ended sessions can't be read: %s", outages.reason(failure))
            self._stopped.wait(SESSION_POLL)

    async def _end_sessions_for_ever(self) -> None:
        """End what belongs to ended sessions, and all while those can't be read.

        A lost network may not even fail: what counts is how old the last read is.
        """
        seen = None
        try:
            while True:
                if not sessions.ended_sessions.are_up_to_date():
                    self._fail_closed()
                elif (known := sessions.ended_sessions.known()) is not seen:
                    self._end_sessions()
                    seen = known
                await asyncio.sleep(SESSION_LOOK)
        finally:
            self._stopped.set()

    def _fail_closed(self) -> None:
        if self.subscribers:
            logger.warning("Ended sessions were not read in time: all streams are ended.")
            self._end_all()

    def _end_sessions(self) -> None:
        for subscriber in list(self.subscribers):
            if not sessions.look_again(subscriber.claims):
                subscriber.end(streams.SIGNED_OUT)

    async def _look_after_streams_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            for subscriber in list(self.subscribers):
                subscriber.look_after()

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                connection = await self._in_thread(db.listen)
            except psycopg2.Error:
                await asyncio.sleep(RELISTEN)
                continue
            if connection is None:
                return
            await self._hear(connection)

    async def _hear(self, connection: psycopg2.extensions.connection) -> None:
        lost = asyncio.Event()
        descriptor = connection.fileno()  # a lost connection can't tell any more

        def heard() -> None:
            try:
                connection.poll()
                connection.notifies.clear()
            except psycopg2.Error:
                self._loop.remove_reader(descriptor)
                lost.set()
            self._woken.set()

        self._loop.add_reader(descriptor, heard)
        try:
            await lost.wait()
        finally:
            self._loop.remove_reader(descriptor)
            connection.close()

    # Streams.

    async def prepare(self) -> None:
        """Learn who is still signed in, if the database is just back: or the stream would end."""
        if not sessions.ended_sessions.are_up_to_date():
            await self._in_thread(sessions.ended_sessions.catch_up)

    @contextmanager
    def subscribe(self, claims: Identity) -> Generator[Subscriber]:
        """Yield a subscriber that gets every change from now on; raise if there is no room."""
        if self.draining:
            raise Unavailable("The board is restarting.", retry_after=2)
        if len(self.subscribers) >= self.total:
            raise Unavailable(FULL, retry_after=30)
        if self._per_user[claims.user_id] >= self.per_user:
            raise Unavailable(FULL, retry_after=30)
        subscriber = Subscriber(claims)
        self.subscribers.add(subscriber)
        self._per_user[claims.user_id] += 1
        try:
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)
            self._per_user[claims.user_id] -= 1
            if not self._per_user[claims.user_id]:
                del self._per_user[claims.user_id]

    async def stream(
        self, subscriber: Subscriber, cursor: Cursor | None, receive: Receive, send: Send
    ) -> None:
        """Replay what changed after `cursor`, then send what comes, until somebody ends it."""
        await subscriber.serve(await self._replay(subscriber, cursor), receive, send)

    async def _replay(self, subscriber: Subscriber, cursor: Cursor | None) -> list[Frame]:
        recent = await self._read_as_far_as(cursor)
        changes = recent.after(cursor)
        if changes is None:
            subscriber.end(streams.resync_frame(recent.cursor))
            return []
        subscriber.following = True  # what comes from here on is sent after the replay
        end = recent.cursor
        wanted = {renderings.key(end.epoch, each, subscriber.claims): each for each in changes}
        async with self._replaying:  # whoever comes next finds what this one had rendered
            ready = await self._rendered(wanted)
        replay = [ready[key] for key in wanted]
        # The cursor is confirmed even when nothing is new.
        if not changes or changes[-1].seq < end.seq:
            replay.append(streams.cursor_frame(end))
        return replay

    async def _read_as_far_as(self, cursor: Cursor | None) -> Recent:
        """Return the newest changes; a page may know of more than the hub has read so far."""
        if self._recent is None or (cursor and not self._recent.has_reached(cursor)):
            looked = asyncio.Event()
            self._asked.append(looked)
            self._woken.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(looked.wait(), FIRST_LOOK)
            if self._recent is None or not looked.is_set():
                raise Unavailable
        return self._recent

    def drain(self) -> None:
        """End every stream and take no new one: the process is about to stop."""
        self.draining = True
        self._end_all()

    def _end_all(self, farewell: bytes = b"") -> None:
        for subscriber in list(self.subscribers):
            subscriber.end(farewell)


def wake(request: Request) -> None:
    """Tell this process's hub that a change was committed."""
    parts.of(request, Hub).wake()
