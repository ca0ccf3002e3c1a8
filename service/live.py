"""The hub: wakes, reads events, renders each once per zone and kind of viewer, feeds queues."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import anyio
import peewee
import psycopg2
import psycopg2.extensions
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import Receive, Send

from service import db, messages, outages, sessions, streams
from service.errors import Unavailable
from service.events import Cursor
from service.render import Renderer
from service.streams import End, Frame, Subscriber
from service.tokens import Claims

RETRY = 1.0  # seconds until the database is asked again after it failed
POLL = 1.0  # seconds; the longest a change made elsewhere waits when every hint is lost
SESSION_POLL = 2.0
BATCH = streams.QUEUE // 2  # events read at once: whoever keeps up has room for them
FIRST_LOOK = 5.0  # seconds a stream waits for the hub of a process that has just started
RELISTEN = 5.0
THREADS = 3  # of the hub's own, one per task: no rush of requests keeps it waiting
FULL = "Too many pages are open. Close one, or try again in a minute."

# Whatever the database does, the hub tries again.
DATABASE_FAILURES = (*db.UNAVAILABLE, peewee.DatabaseError)

logger = logging.getLogger(__name__)


class Hub:
    """All open streams of this process, and the tasks that feed and end them."""

    def __init__(self, renderer: Renderer, total: int, per_user: int) -> None:
        self.renderer = renderer
        self.total = total
        self.per_user = per_user
        self.draining = False
        self.subscribers: set[Subscriber] = set()
        self._per_user: Counter[int] = Counter()
        self._cursor: Cursor | None = None
        self._following = asyncio.Event()
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._threads = anyio.CapacityLimiter(THREADS)
        self._sessions_read_at = self._loop.time()

    # Called from routes' threads.

    def wake(self) -> None:
        """Hint that something was committed; the other processes hear of it by the database."""
        self._loop.call_soon_threadsafe(self._woken.set)

    # The tasks.

    async def run(self) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._feed_for_ever)
            tasks.start_soon(self._watch_sessions_for_ever)
            tasks.start_soon(self._fail_closed_for_ever)
            tasks.start_soon(self._listen_for_ever)

    async def _in_thread[*Ts, R](self, work: Callable[[*Ts], R], *args: *Ts) -> R:
        return await run_sync(work, *args, limiter=self._threads)

    async def _feed_for_ever(self) -> None:
        while True:
            try:
                await self._feed()
            except DATABASE_FAILURES as failure:
                logger.warning("The event log can't be read: %s", outages.reason(failure))
                await asyncio.sleep(RETRY)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL)

    async def _feed(self) -> None:
        self._woken.clear()
        if self._cursor is None:
            self._cursor = await self._in_thread(messages.newest_cursor)
            self._following.set()
        found = await self._in_thread(messages.changes, self._cursor, BATCH)
        if found.resync:
            # Perhaps by a restore: then the pages' tokens are worth nothing when they come back.
            await self._in_thread(sessions.ended_sessions.refresh)
            self._end_all(streams.resync_frame(found.cursor))
        elif found.changes:
            readers = [subscriber.claims for subscriber in self.subscribers]
            frames = await self._in_thread(self._render, found, readers)
            for subscriber in list(self.subscribers):
                # A stream that began while these were rendered replays them from the table.
                for frame in frames.get(_view_key(subscriber.claims), ()):
                    subscriber.put(frame)
        self._cursor = found.cursor
        if len(found.changes) == BATCH:
            self._woken.set()  # there may be more

    def _render(
        self, found: messages.Changes, readers: list[Claims]
    ) -> dict[tuple[str, int], list[Frame]]:
        """Return each reader's frames; readers of one zone share the text of others' messages."""
        cache: dict[tuple[int, str, bool], Frame] = {}
        frames: dict[tuple[str, int], list[Frame]] = {}
        for zone, user_id in {_view_key(reader) for reader in readers}:
            frames[zone, user_id] = own = []
            for change in found.changes:
                mine = change.message.author_id == user_id
                key = (change.seq, zone, mine)
                if key not in cache:
                    cache[key] = self.frame(change, found.cursor.epoch, zone, mine=mine)
                own.append(cache[key])
        return frames

    def frame(self, change: messages.Change, epoch: str, zone: str, *, mine: bool) -> Frame:
        """Return a change as one server-sent event."""
        html = self.renderer.text(
            "messages/_event.html", kind=change.kind, m=change.message, zone=zone, mine=mine
        )
        return streams.event_frame(Cursor(epoch, change.seq), html)

    async def _watch_sessions_for_ever(self) -> None:
        while True:
            try:
                await self._read_sessions()
            except DATABASE_FAILURES as failure:
                logger.warning("Ended sessions can't be read: %s", outages.reason(failure))
            await asyncio.sleep(SESSION_POLL)

    async def _fail_closed_for_ever(self) -> None:
        """End all streams while ended sessions can't be read; a lost network may not even fail."""
        while True:
            if self._is_unsure_of_sessions():
                self._end_all()
            await asyncio.sleep(SESSION_POLL / 4)

    async def _read_sessions(self) -> None:
        started = self._loop.time()
        self._end_sessions(await self._in_thread(sessions.ended_sessions.refresh))
        self._sessions_read_at = started

    def _is_unsure_of_sessions(self) -> bool:
        return self._loop.time() - self._sessions_read_at > sessions.TRUSTED_FOR

    def _end_sessions(self, ended: sessions.Ended) -> None:
        for subscriber in list(self.subscribers):
            if subscriber.claims.session_id in ended:
                subscriber.end(streams.SIGNED_OUT)

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
        if self._is_unsure_of_sessions():
            await self._read_sessions()

    @contextmanager
    def subscribe(self, claims: Claims) -> Generator[Subscriber]:
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
        # What is committed between a replay and the hub's first look would be in neither.
        try:
            await asyncio.wait_for(self._following.wait(), FIRST_LOOK)
        except TimeoutError:
            raise Unavailable from None
        replay = await run_sync(self._replay, subscriber.claims, cursor)
        await streams.serve(subscriber, replay, receive, send)

    def _replay(self, claims: Claims, cursor: Cursor | None) -> list[Frame]:
        found = messages.changes(cursor)
        if found.resync:
            return [End(0, streams.resync_frame(found.cursor))]
        frames = self._render(found, [claims])[_view_key(claims)]
        # The cursor is confirmed even when nothing is new.
        return frames or [streams.cursor_frame(found.cursor)]

    def drain(self) -> None:
        """End every stream and take no new one: the process is about to stop."""
        self.draining = True
        self._end_all()

    def _end_all(self, farewell: bytes = b"") -> None:
        for subscriber in list(self.subscribers):
            subscriber.end(farewell)


def wake(request: Request) -> None:
    """Tell this process's hub that a change was committed."""
    request.scope["state"]["hub"].wake()


def _view_key(claims: Claims) -> tuple[str, int]:
    return claims.zone, claims.user_id
