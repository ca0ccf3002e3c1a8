"""The hub: has each change rendered once per kind of viewer, and feeds the open streams."""

import asyncio
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager

import anyio
from anyio.to_thread import run_sync
from starlette.types import Receive, Send

from service.access.identity import Identity
from service.access.standing import Standings
from service.base import clock, metrics
from service.base.drain import Drain
from service.base.errors import Unavailable
from service.data.events import Cursor
from service.live import ends, frames, renderings
from service.live.admission import Admission
from service.live.changes import Change, Changes, Log
from service.live.ends import Ends
from service.live.feed import Feed
from service.live.frames import Frame
from service.live.readers import Readers
from service.live.recent import Recent
from service.live.renderings import Key, Renderings
from service.live.streams import Subscriber
from service.live.wakes import Wake
from service.web.render import Renderer

THREADS = 2 + ends.THREADS  # of its own, for the feed and for replays: no rush keeps it waiting


class Hub:
    """All open streams of this process, and the tasks that feed and end them."""

    def __init__(
        self,
        log: Log,
        renderer: Renderer,
        readers: Readers,
        wakes: Sequence[Wake],
        drain: Drain,
        standings: Standings,
    ) -> None:
        self.drain = drain
        self.readers = readers
        self.ends = Ends(readers, renderer.options, self._begin_anew)
        self.feed = Feed(log, self._deliver, self._restart)
        self._wakes = wakes
        self._standings = standings
        self._renderings = Renderings(renderer)
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
        cursor = self.feed.cursor
        self.readers.end_all(frames.resync(cursor) if cursor else None)

    async def _restart(self, cursor: Cursor) -> None:
        # Perhaps by a restore: then the pages' tokens are worth nothing when they come back.
        await self.ends.read()
        self._renderings.clear()
        self.readers.end_all(frames.resync(cursor))

    async def _deliver(self, found: Changes, recent: Recent) -> None:
        ready: dict[Key, Frame] = {}
        self._end(found)
        while missing := self._wanted(found) - ready.keys():
            ready |= await self._rendered(missing)
            self._end(found)
        # From here on without a pause: a stream has a change from its replay or from here.
        recent.add(found)
        for change in found.changes:
            for subscriber, key in self._told(change):
                subscriber.put(ready[key])
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

    def _end(self, found: Changes) -> None:
        """End streams before anything is delivered: what waits for their readers is dropped.

        A look at the log may show what was written after the change that ends them.
        """
        self.ends.look()
        for change in found.changes:
            if ends_for := change.noun.ends:
                self._standings.forget_all()  # whoever comes back is shown as they are by now
                for subscriber in self.readers.of(change.room):
                    if ends_for(change.kind, change.view, subscriber.me):
                        subscriber.end(frames.resync(found.cursor))

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

    async def admit(self, subscriber: Subscriber) -> Identity:
        """Return who reads, as they are now; raise NotFound if they may not see the room.

        Once subscribed, so that what ends it is not missed, and before anything is read for it.
        """
        subscriber.me = await self._admission.check(subscriber.me, subscriber.room)
        return subscriber.me

    async def stream(
        self, subscriber: Subscriber, cursor: Cursor | None, receive: Receive, send: Send
    ) -> None:
        """Replay what changed after `cursor`, then send what comes, until somebody ends it."""
        await subscriber.serve(await self._replay(subscriber, cursor), receive, send)

    async def _replay(self, subscriber: Subscriber, cursor: Cursor | None) -> list[Frame]:
        recent = await self.feed.as_far_as(cursor)
        changes = recent.after(cursor, subscriber.room, subscriber.me)
        metrics.replays.count("resync" if changes is None else "replayed")
        if changes is None:
            subscriber.end(frames.resync(recent.cursor))
            return []
        subscriber.following = True  # what comes from here on is sent after the replay
        end = recent.cursor
        wanted = [renderings.key(each, subscriber.me) for each in changes]
        async with self._replaying:  # whoever comes next finds what this one had rendered
            ready = await self._rendered(wanted)
        replay = [ready[key] for key in wanted]
        # The cursor is confirmed even when nothing is new.
        if not changes or changes[-1].cursor != end:
            replay.append(Frame(end))
        return replay

    def end(self) -> None:
        """End every stream and take no new one: the process is about to stop."""
        self.drain.begun = True
        self.readers.end_all()
