"""Where in a room's pages a message is, or the first one of a day."""

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from service.access import visible
from service.access.visible import User
from service.base.errors import NotFound
from service.data import db
from service.data.tables import Message
from service.messages import messages
from service.rooms.places import Place

NEWER = messages.PAGE_SIZE // 2  # messages that a page shows beyond the one that is looked for


@dataclass(frozen=True)
class Spot:
    """A message in the page that shows it: the newest one, or that of those before an id."""

    place: Place
    id: int
    before: int | None

    @property
    def path(self) -> str:
        """The address of the page, and of the message in it, where a browser brings the reader."""
        page = self.place.page + (f"?before={self.before}" if self.before else "")
        return f"{page}#message-{self.id}"


def of(me: User, number: int, place: Place) -> Spot:
    """Return where something is that a room's pages show; raise NotFound if it is not there."""
    with db.read():
        if not _from(me, number, place).where(Message.number == number).exists():
            raise NotFound
        return _spot(me, number, place)


def first_since(me: User, moment: dt.datetime, place: Place) -> Spot | None:
    """Return where the first message is that is as late as a moment; None if there is none.

    Messages are numbered as they come: only a few are looked at, in a room of any size.
    """

    def when(number: int) -> dt.datetime:
        return _from(me, number, place).get().timestamp

    with db.read():
        last = _from(me, 1, place).order_by(Message.number.desc()).first()
        numbers = range(1, last.number + 1 if last else 1)
        at = bisect_left(numbers, moment, key=when)
        if at == len(numbers):
            return None
        return _spot(me, _from(me, numbers[at], place).get().number, place)


def _spot(me: User, number: int, place: Place) -> Spot:
    newer = [row.number for row in _from(me, number + 1, place).limit(NEWER + 1)]
    return Spot(place, number, newer[NEWER] if len(newer) > NEWER else None)


def _from(me: User, number: int, place: Place) -> Any:
    """Return a query of the messages that a room's pages show, from a number on."""
    there = Message.room == place.id, Message.number >= number, messages.IN_PLACE
    shown = visible.messages(me, Message.number, Message.timestamp).where(*there)
    return shown.order_by(Message.number)
