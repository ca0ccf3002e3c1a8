"""Changes rendered as frames, and kept: what one reader got is not rendered anew for the next."""

from service.access.identity import Identity
from service.data.events import Cursor
from service.live import streams
from service.live.streams import Frame
from service.messages.messages import Change
from service.web.render import Renderer

KEPT = 16 * 1024 * 1024  # bytes

Key = tuple[str, int, int, str, bool]  # the epoch, the change, the message's version, zone, mine
Wanted = dict[Key, Change]


def key(epoch: str, change: Change, reader: Identity) -> Key:
    """Return what a frame depends on; readers of one zone share those of others' messages."""
    message = change.message
    return epoch, change.seq, message.seq, reader.zone, message.author_id == reader.user_id


class Frames:
    """The frames made of late; the oldest go first."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._kept: dict[Key, Frame] = {}
        self._octets = 0

    def kept(self, wanted: Wanted) -> dict[Key, Frame]:
        """Return those of the wanted frames that were made before."""
        return {key: frame for key in wanted if (frame := self._kept.get(key))}

    def make(self, wanted: Wanted) -> dict[Key, Frame]:
        """Render frames, without keeping them: this may run in a thread."""
        return {key: self.render(change, key) for key, change in wanted.items()}

    def render(self, change: Change, key: Key) -> Frame:
        """Return a change as one server-sent event."""
        epoch, seq, _, zone, mine = key
        html = self._renderer.text(
            "messages/_event.html", kind=change.kind, m=change.message, zone=zone, mine=mine
        )
        return streams.event_frame(Cursor(epoch, seq), html)

    def keep(self, made: dict[Key, Frame]) -> None:
        self._kept |= made
        self._octets += sum(len(frame.data) for frame in made.values())
        while self._octets > KEPT:
            self._octets -= len(self._kept.pop(next(iter(self._kept))).data)

    def clear(self) -> None:
        self._kept.clear()
        self._octets = 0
