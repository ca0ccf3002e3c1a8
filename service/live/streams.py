"""Open streams: what waits for each reader, and what sends it.

An idle stream is one task that waits for its reader to leave. It has no queue and no timer: the
hub looks after all of them at once, and what writes exists while there is something to write.
"""

import asyncio

from starlette.types import Message, Receive, Send

from service.access.identity import Identity
from service.base import metrics
from service.live import frames, sse
from service.live.frames import Frame

HEARTBEAT = 25.0  # seconds
SEND_TIMEOUT = 20.0  # a reader that takes no byte for so long is gone
QUEUE = 100  # frames; a slower reader is sent away and replays
HINTS = 1.0  # seconds from one hint of news elsewhere to the next
CHUNK = 32 * 1024  # bytes of a long replay that are sent at once


class Subscriber:
    """One open stream: who reads it, and what waits to be sent."""

    __slots__ = (
        *("me", "room", "following", "_admitted", "_left", "_replay", "_waiting", "_farewell"),
        *("_over", "_send", "_reader", "_writer", "_wrote_at", "_elsewhere", "_hinted_at"),
    )

    def __init__(self, me: Identity, room: int) -> None:
        self.me = me
        self.room = room
        self.following = False  # until then, what is put is in the replay
        self._admitted: int | None = None  # the event as of which it was found to see the room
        self._left = -1  # and that as of which it was not
        self._replay: list[Frame] = []
        self._waiting: list[Frame] = []
        self._farewell: bytes | None = None  # to be said instead of all that waits
        self._over = False
        self._send: Send | None = None
        self._reader: asyncio.Task[None] | None = None  # waits for the reader to leave
        self._writer: asyncio.Task[None] | None = None  # sends, as long as something waits
        self._wrote_at = 0.0
        self._elsewhere: set[str] | None = None  # the slugs of rooms that have news
        self._hinted_at = float("-inf")

    def put(self, frame: Frame) -> None:
        """Send a frame after all that waits, or end a stream whose reader is too slow for it."""
        if len(self._waiting) >= QUEUE:
            metrics.overflows.count()
            self.end()
        elif self.following and self._farewell is None:
            self._waiting.append(frame)
            self._write()

    def admit(self, me: Identity, seq: int) -> None:
        """Know that `me` sees the room as of an event, or later."""
        self.me, self._admitted = me, seq
        self.leave(self._left)

    def leave(self, seq: int) -> None:
        """Know that its reader does not see the room as of an event; end it, but for newer news."""
        self._left = max(self._left, seq)
        if self._admitted is not None and self._admitted < self._left:
            self.end(frames.LEFT)

    def end(self, farewell: Frame | None = None) -> None:
        """Drop what waits and let the stream say farewell; its reader replays when it is back."""
        if self._farewell is None:
            self._farewell = farewell.encoded(sse.encode) if farewell else b""
            self._waiting.clear()
            self._write()

    def hint(self, slug: str) -> None:
        """Tell of news in another room, or of something else with the slug of none.

        At once if nothing was of late, else with what else there is, once that is `look_after`.
        """
        if self._elsewhere is None:
            self._elsewhere = set()
        self._elsewhere.add(slug)
        self._hint()

    def _hint(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._elsewhere and self.following and now - self._hinted_at >= HINTS:
            told, self._elsewhere, self._hinted_at = self._elsewhere, None, now
            self.put(frames.elsewhere(told))

    def look_after(self) -> None:
        """Send a heartbeat to a quiet stream, and waiting hints; give up who takes nothing."""
        self._hint()
        silence = asyncio.get_running_loop().time() - self._wrote_at
        if self._writer and silence >= SEND_TIMEOUT:
            self._stop()
        elif self._send and not self._writer and silence >= HEARTBEAT:
            self._waiting.append(frames.PING)
            self._write()

    async def serve(self, replay: list[Frame], receive: Receive, send: Send) -> None:
        """Send the replay, then what is put, until the reader leaves or somebody ends it."""
        await send({"type": "http.response.start", "status": 200, "headers": sse.HEADERS.copy()})
        self._replay, self._send, self._reader = replay, send, asyncio.current_task()
        # A little later: whoever has left already is to be noticed first.
        asyncio.get_running_loop().call_soon(self._write)
        try:
            await _until_gone(receive)
        except asyncio.CancelledError:
            if not self._over:
                raise
        finally:
            self._send = None
            if self._writer:
                self._writer.cancel()

    def _write(self) -> None:
        """Begin to send, unless that is under way; what can go out at once does so here."""
        if self._send and not self._writer and not self._over:
            loop = asyncio.get_running_loop()
            writer = asyncio.Task(self._write_all(self._send), loop=loop, eager_start=True)
            self._writer = None if writer.done() else writer

    async def _write_all(self, send: Send) -> None:
        whole = False
        try:
            while self._farewell is None and (data := self._next()):
                await self._write_out(send, data)
                if self._replay:
                    await asyncio.sleep(0)  # what can be sent at once would let nobody else go on
            if self._farewell is not None:
                await self._write_out(send, self._farewell, more=False)
            whole = self._farewell is None
        finally:
            self._writer = None
            if not whole:
                self._stop()

    def _next(self) -> bytes:
        """Take what waits longest, as much of it as is sent at once."""
        waiting = self._replay or self._waiting
        taken: list[bytes] = []
        octets = 0
        while len(taken) < len(waiting) and octets < CHUNK:
            taken.append(waiting[len(taken)].encoded(sse.encode))
            octets += len(taken[-1])
        del waiting[: len(taken)]
        return b"".join(taken)

    async def _write_out(self, send: Send, data: bytes, *, more: bool = True) -> None:
        self._wrote_at = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": data, "more_body": more})

    def _stop(self) -> None:
        self._over = True
        if self._reader:
            self._reader.cancel()


async def _until_gone(receive: Receive) -> None:
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
