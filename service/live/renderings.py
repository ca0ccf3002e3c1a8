"""Changes rendered as frames, and kept: what one reader got is not rendered anew for the next."""

from collections.abc import Hashable, Iterable

from service.access.identity import Identity
from service.base.clock import Clock
from service.data.cursors import Cursors
from service.live import sse
from service.live.changes import Change
from service.live.frames import Frame
from service.web.render import Renderer

KEPT = 16 * 1024 * 1024  # bytes

Key = tuple[Change, Clock, Hashable]  # the change, the reader's clock, the kind of viewer


def key(change: Change, me: Identity) -> Key:
    """Return what a frame depends on: who is of one clock and kind shares one."""
    return change, me.clock, change.noun.viewer(change.view, me)


class Renderings:
    """The frames made of late; the oldest go first."""

    def __init__(self, renderer: Renderer, cursors: Cursors) -> None:
        self._renderer = renderer
        self.options = renderer.options
        self.cursors = cursors
        self._kept: dict[Key, Frame] = {}
        self._made_with = renderer.options.known  # with which they were made
        self._octets = 0

    def kept(self, wanted: Iterable[Key]) -> dict[Key, Frame]:
        """Return those of the wanted frames that were made before."""
        if self._made_with is not self.options.known:
            self.clear()
            self._made_with = self.options.known
        return {key: frame for key in wanted if (frame := self._kept.get(key))}

    def make(self, wanted: Iterable[Key]) -> dict[Key, Frame]:
        """Render frames, without keeping them: this may run in a thread."""
        return {key: self.render(key) for key in wanted}

    def render(self, key: Key) -> Frame:
        change, clock, viewer = key
        html = change.noun.html(self._renderer, change.kind, change.view, clock, viewer)
        frame = Frame(self.cursors.sealed(change.cursor), data=html.strip())
        frame.encoded(sse.encode)  # here rather than where the readers wait
        return frame

    def keep(self, made: dict[Key, Frame]) -> None:
        self._kept |= made
        self._octets += sum(map(_size, made.values()))
        while self._octets > KEPT:
            self._octets -= _size(self._kept.pop(next(iter(self._kept))))

    def clear(self) -> None:
        self._kept.clear()
        self._octets = 0


def _size(frame: Frame) -> int:
    """Return about how many bytes a frame takes, as it is and as it is sent."""
    return 2 * len(frame.encoded(sse.encode))
