"""Frames: what open pages are told, whatever carries it to them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One thing to tell: a change as HTML, or an `event` that a page knows by its name.

    The id is the sealed cursor behind what it tells.
    """

    id: str = ""
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
RESYNC = Frame(event="resync")  # the list is to be fetched anew
LEFT = Frame(event="left")  # its reader does not see the room any more


@lru_cache(maxsize=1000)
def _elsewhere(slugs: str) -> Frame:
    return Frame(event="elsewhere", data=slugs)


def elsewhere(slugs: Collection[str]) -> Frame:
    """Return the frame that tells of news in other rooms, by their slugs.

    The slug of none says that more has changed than that, and then no others are named.
    """
    return _elsewhere("" if "" in slugs else " ".join(sorted(slugs)))
