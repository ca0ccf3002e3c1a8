"""Where in a room's pages a message is, or the first one of a day; a reply is in its thread.

And where what was said next is.
"""

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
from service.messages.messages import IN_PLACE, ROOT, MessageView, is_numbered
from service.rooms.places import Place

NEWER = messages.PAGE_SIZE // 2  # messages that a page shows beyond the one that is looked for


@dataclass(frozen=True)
class Spot:
    """A message in the page that shows it: the newest one, or that of those before an id."""

    page: str  # the path of the newest one
    id: int
    before: int | None

    @property
    def path(self) -> str:
        """The address of the page, and of the message in it, where a browser brings the reader."""
        page = self.page + (f"?before={self.before}" if self.before else "")
        return f"{page}#message-{self.id}"


def of(me: User, number: int, place: Place) -> Spot:
    """Return where something is that a room's pages show; raise NotFound if it is not there."""
    with db.read():
        row = _shown(me, *is_numbered(place.id, number)).get_or_none()
        if row is None:
            raise NotFound
        if not row.parent_id:
            return _spot(place.page, number, _roots(me, number + 1, place))
        root = _shown(me, Message.id == row.parent_id).get_or_none()
        if root is None:
            raise NotFound
        newer = _shown(me, Message.parent == row.parent_id, Message.number > number)
        return _spot(f"{place.page}/{root.number}/thread", number, newer)


def first_since(me: User, moment: dt.datetime, place: Place) -> Spot | None:
    """Return where the first message is that is as late as a moment; None if there is none.

    Messages are numbered as they come: only a few are looked at, in a room of any size.
    """

    def when(number: int) -> dt.datetime:
        return _roots(me, number, place).get().timestamp

    with db.snapshot():
        last = _roots(me, 1, place).order_by(Message.number.desc()).first()
        numbers = range(1, last.number + 1 if last else 1)
        at = bisect_left(numbers, moment, key=when)
        if at == len(numbers):
            return None
        number = _roots(me, numbers[at], place).get().number
        return _spot(place.page, number, _roots(me, number + 1, place))


def newer(me: User, before: int, place: Place) -> Spot | None:
    """Return where a room goes on after its messages before an id; None if it does not."""
    with db.read():
        return _next(place.page, _roots(me, before, place))


def newer_replies(me: User, before: int, root: MessageView, id_: int) -> Spot | None:
    """Return the same of the replies to a message, which is also given by its id."""
    with db.read():
        newer = _shown(me, Message.parent == id_, Message.number >= before)
        return _next(f"{root.place.page}/{root.id}/thread", newer)


def _next(page: str, newer: Any) -> Spot | None:
    numbers = [row.number for row in newer.limit(messages.PAGE_SIZE + 1)]
    if not numbers:
        return None
    more = len(numbers) > messages.PAGE_SIZE
    return Spot(page, numbers[0], numbers[-1] if more else None)


def _spot(page: str, number: int, newer: Any) -> Spot:
    numbers = [row.number for row in newer.limit(NEWER + 1)]
    return Spot(page, number, numbers[NEWER] if len(numbers) > NEWER else None)


def _roots(me: User, number: int, place: Place) -> Any:
    """Return a query of the messages that a room's list shows, from a number on."""
    return _shown(me, Message.room == place.id, Message.number >= number, ROOT)


def _shown(me: User, *there: object) -> Any:
    columns = Message.number, Message.parent, Message.timestamp
    return visible.messages(me, *columns).where(*there, IN_PLACE).order_by(Message.number)
