"""The hub: has each change rendered once per kind of viewer, and feeds the open streams."""

import asyncio
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import anyio
from anyio.to_thread import run_sync
from starlette.types import Receive, Send

from service.access import visible
from service.access.identity import Identity
from service.access.standing import Standings
from service.base import clock, metrics
from service.base.drain import Drain
from service.base.errors import Unavailable
from service.data.events import Cursor
from service.data.tables import BOARD
from service.live import ends, frames, hints, recent, renderings
from service.live.admission import Admission
from service.live.audiences import Audiences
from service.live.changes import Batch, Change, Changes, Log
from service.live.ends import Ends
from service.live.feed import Feed
from service.live.frames import Frame
from service.live.readers import Readers
from service.live.recent import Recent
from service.live.renderings import Key, Renderings
from service.live.streams import Subscriber
from service.live.wakes import Wake

THREADS = 2 + ends.THREADS  # of its own, for the feed and for replays: no rush keeps it waiting


class Hub:
    """All open streams of this process, and the tasks that feed and end them."""

    def __init__(
        self,
        log: Log,
        rendered: Renderings,
        readers: Readers,
        wakes: Sequence[Wake],
        drain: Drain,
        standings: Standings,
    ) -> None:
        self.drain = drain
        self.readers = readers
        self.ends = Ends(readers, rendered.options, self._begin_anew)
        self._audiences = Audiences()
        self.feed = Feed(log, self._deliver, self._restart, self._audiences.known)
        self._log = log
        self._wakes = wakes
        self._standings = standings
        self._renderings, self.cursors = rendered, rendered.cursors
        self._replaying = asyncio.Lock()
        self._threads = anyio.CapacityLimiter(1)
        self._admission = Admission(self._threads)

    async def run(self) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as tasks:
            for work in (self.feed.run, self.ends.run, self.readers.look_after_for_ever):
                tasks.start_soon(work)
            for wake in self._wakes:
                tasks.start_soon(wake.hear, self.feed.wake)

    def _begin_anew(self) -> None:
        """Let every page come again, and be let in as things are now."""
        self.readers.end_all(frames.RESYNC)

    async def _restart(self) -> None:
        # Perhaps by a restore: then the pages' tokens are worth nothing when they come back.
        await self.ends.read()
        self._renderings.clear()
        self._audiences.clear()
        self.readers.end_all(frames.RESYNC)

    async def _deliver(self, batch: Batch, kept: Recent) -> None:
        ready: dict[Key, Frame] = {}
        found = batch.found
        self._audiences.take(batch.moved, batch.audiences)
        self._end(batch)
        while missing := self._wanted(found) - ready.keys():
            ready |= await self._rendered(missing)
            self._end(batch)
        # From here on without a pause: a stream has a change from its replay or from here.
        kept.add(found)
        for change in found.changes:
            for subscriber, key in self._told(change):
                subscriber.put(ready[key])
        hints.give(batch, self._audiences, self.readers)
        now = clock.now()
        for change in found.changes:
            metrics.delivery.observe(max(0.0, (now - change.at).total_seconds()))

    def _wanted(self, found: Changes) -> set[Key]:
        return {key for change in found.changes for _, key in self._told(change)}

    def _told(self, change: Change) -> Iterator[tuple[Subscriber, Key]]:
        """Yield whom a change is told, and as which of its renderings."""
        for subscriber in self.readers.of(change.room):
            if change.concerns(subscriber.me):
                yield subscriber, renderings.key(change, subscriber.me)

    def _end(self, batch: Batch) -> None:
        """End streams before anything is delivered: what waits for their readers is dropped.

        A look at the log may show what was written after the change that ends them.
        """
        self.ends.look()
        found = batch.found
        for room in batch.moved:
            audience = self._audiences.get(room)
            for subscriber in self.readers.of(room):
                if not (audience and audience.includes(subscriber.me.user_id)):
                    subscriber.leave(found.cursor.seq + found.behind)
        for change in found.changes:
            if ends_for := change.noun.ends:
                self._standings.forget_all()  # whoever comes back is shown as they are by now
                for subscriber in self.readers.of(change.room):
                    if ends_for(change.kind, change.view, subscriber.me):
                        subscriber.end(frames.RESYNC)

    async def _rendered(self, wanted: Iterable[Key]) -> dict[Key, Frame]:
        """Return frames, rendering those that nobody has wanted before."""
        found = self._renderings.kept(wanted)
        if missing := [key for key in wanted if key not in found]:
            made = await run_sync(self._renderings.make, missing, limiter=self._threads)
            self._renderings.keep(made)
            found |= made
        return found

    @contextmanager
    def subscribe(self, me: Identity, room: int) -> Generator[Subscriber]:
        """Yield a subscriber that gets every change from now on; raise if there is no room."""
        if self.drain.begun:
            raise Unavailable("The board is restarting.", retry_after=2)
        with self.readers.join(me, room) as subscriber:
            yield subscriber

    async def find(self, slug: str) -> int:
        """Return the id of the room of a slug, of the first one for none, or that of no room."""
        return await self._admission.find(slug) if slug else BOARD

    async def trusted(self, cursor: Cursor | None) -> Cursor | None:
        """Return a cursor if it may be followed, whoever wrote it."""
        if cursor and cursor.plain:
            may = await run_sync(visible.may_follow, cursor, limiter=self._threads)
            return cursor if may else None
        return cursor

    async def admit(self, subscriber: Subscriber) -> Identity:
        """Return who reads, as they are now; raise NotFound if they may not see the room.

        Once subscribed, so that what ends it is not missed, and before anything is read for it. The
        hub has begun by then: what it reads first ends no stream.
        """
        await self.feed.as_far_as(None)
        subscriber.admit(*await self._admission.check(subscriber.me, subscriber.room))
        return subscriber.me

    async def stream(
        self, subscriber: Subscriber, cursor: Cursor | None, receive: Receive, send: Send
    ) -> None:
        """Replay what changed after `cursor`, then send what comes, until somebody ends it."""
        await subscriber.serve(await self._replay(subscriber, cursor), receive, send)

    async def _replay(self, subscriber: Subscriber, cursor: Cursor | None) -> list[Frame]:
        found = await self._missed(subscriber, cursor)
        metrics.replays.count("resync" if found is None else "replayed")
        if found is None:
            subscriber.end(frames.RESYNC)
            return []
        told, end = recent.each_once(found.changes), self.cursors.sealed(found.cursor)
        wanted = [renderings.key(each, subscriber.me) for each in told]
        async with self._replaying:  # whoever comes next finds what this one had rendered
            ready = await self._rendered(wanted)
        replay = [ready[key] for key in wanted]
        # The cursor is confirmed even when nothing is new.
        if not replay or replay[-1].id != end:
            replay.append(Frame(end))
        return replay

    async def _missed(self, subscriber: Subscriber, cursor: Cursor | None) -> Changes | None:
        """Return what changed after a cursor; None if that can't be told.

        From memory, or from the log what is older than that. What comes from here on is sent after
        it.
        """
        if cursor is None:
            return None
        missed = Changes([], cursor)
        kept = await self.feed.as_far_as(cursor)
        while kept.has_reached(cursor) and not kept.reaches_back(cursor, subscriber.room):
            asked = partial(self._log.after, subscriber.me, cursor, room=subscriber.room)
            older = await run_sync(asked, limiter=self._threads)
            if older.resync:
                return None
            missed = Changes([*missed.changes, *older.changes], older.cursor)
            cursor = older.read_to
            kept = await self.feed.as_far_as(cursor)
        if not kept.has_reached(cursor):
            return None
        newer = kept.after(cursor, subscriber.room, subscriber.me)
        subscriber.following = True
        return Changes([*missed.changes, *newer], newer[-1].cursor if newer else missed.cursor)

    def end(self) -> None:
        """End every stream and take no new one: the process is about to stop."""
        self.drain.begun = True
        self.readers.end_all()
