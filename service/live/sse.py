"""Frames as server-sent events."""

import re
from collections.abc import Iterable

from service.live.frames import Frame

LINE_END = re.compile(r"\r\n|\r|\n")  # the three that end a line of a stream

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes frames on as they come
    (b"connection", b"close"),  # or a proxy keeps it for posts, just as the board stops
]


def encode(frame: Frame) -> bytes:
    """Return a frame's bytes."""
    return "".join(f"{line}\n" for line in [*_lines(frame), ""]).encode()


def _lines(frame: Frame) -> Iterable[str]:
    if frame.event:
        yield f"event: {frame.event}"
    if frame.id:
        yield f"id: {frame.id}"
    if frame.event or frame.data:
        # Not splitlines(): it also cuts at characters that a message may well hold.
        for line in LINE_END.split(frame.data):
            yield f"data: {line}" if line else "data:"
