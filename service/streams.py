"""Open streams: frames, the queue of each reader, and what sends them."""

import asyncio
import re
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Send

from service.events import Cursor
from service.tokens import Claims

HEARTBEAT = 25.0  # seconds
SEND_TIMEOUT = 20.0  # a reader that takes no byte for so long is gone
QUEUE = 100  # frames; a slower reader is sent away and replays from the table

LINE_END = re.compile(r"\r\n|\r|\n")  # each of them ends a line of a stream

PING = b"event: ping\ndata:\n\n"
SIGNED_OUT = b"event: signed-out\ndata:\n\n"


@dataclass(frozen=True)
class Frame:
    """Bytes for a stream; `seq` is that of the event they tell of."""

    seq: int
    data: bytes


class End(Frame):
    """The last frame of a stream."""


@dataclass(eq=False)
class Subscriber:
    """One open stream: who reads it, and the frames that wait for them."""

    claims: Claims
    queue: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def put(self, frame: Frame) -> None:
        """Queue a frame, or end a stream whose reader is too slow for it."""
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.end()

    def end(self, farewell: bytes = b"") -> None:
        """Drop what waits and let the stream say farewell; its reader replays when it is back."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(End(0, farewell))


def event_frame(cursor: Cursor, html: str) -> Frame:
    """Return a change as one server-sent event, with its cursor as the id."""
    # Not splitlines(): it also cuts at characters that a message may well hold.
    lines = "".join(f"data: {line}\n" for line in LINE_END.split(html.strip()))
    return Frame(cursor.seq, f"id: {cursor}\n{lines}\n".encode())


def cursor_frame(cursor: Cursor) -> Frame:
    """Return the frame that confirms a cursor when nothing is new."""
    return Frame(cursor.seq, f"id: {cursor}\n\n".encode())


def resync_frame(cursor: Cursor) -> bytes:
    """Return the frame that tells a page to fetch its list anew."""
    return f"event: resync\ndata: {cursor}\n\n".encode()


async def serve(subscriber: Subscriber, replay: list[Frame], receive: Receive, send: Send) -> None:
    """Send the replay, then what comes on the queue, until somebody ends it."""
    await _send_start(send)
    gone = asyncio.create_task(_end_when_gone(subscriber, receive))
    try:
        for frame in replay:
            await _send_body(send, frame.data)
        if not isinstance(replay[-1], End):
            await _follow(subscriber, replay[-1].seq, send)
    except TimeoutError:
        return  # a reader that stalled
    finally:
        gone.cancel()
    await _send_body(send, b"", more=False)


async def _follow(subscriber: Subscriber, sent: int, send: Send) -> None:
    while True:
        try:
            frame = await asyncio.wait_for(subscriber.queue.get(), HEARTBEAT)
        except TimeoutError:
            await _send_body(send, PING)
            continue
        if isinstance(frame, End):
            await _send_body(send, frame.data)
            return
        if frame.seq > sent:
            await _send_body(send, frame.data)


async def _end_when_gone(subscriber: Subscriber, receive: Receive) -> None:
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
    subscriber.end()


async def _send_start(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx passes frames on as they come
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _send_body(send: Send, data: bytes, *, more: bool = True) -> None:
    body = {"type": "http.response.body", "body": data, "more_body": more}
    await asyncio.wait_for(send(body), SEND_TIMEOUT)
