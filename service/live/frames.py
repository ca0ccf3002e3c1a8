"""Frames: what open pages are told, whatever carries it to them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from service.data.events import Cursor


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One thing to tell: a change as HTML, or an `event` that a page knows by its name.

    The cursor is the place in the log behind what it tells.
    """

    cursor: Cursor | None = None
    event: str = ""
    data: str = ""
    _encoded: dict[Callable[["Frame"], bytes], bytes] = field(default_factory=dict)

    def encoded(self, encode: Callable[["Frame"], bytes]) -> bytes:
        """Return its bytes, made once for all its readers."""
        found = self._encoded.get(encode)
        if found is None:
            found = self._encoded[encode] = encode(self)
        return found


PING = Frame(event="ping")
SIGNED_OUT = Frame(event="signed-out")


def resync(cursor: Cursor) -> Frame:
    """Return the frame that tells a page to fetch its list anew."""
    return Frame(event="resync", data=str(cursor))
