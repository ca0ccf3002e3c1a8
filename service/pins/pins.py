"""Pins: put on a message and taken away, and which messages of a room have one."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from service.access import visible
from service.access.visible import Reader, User
from service.base import clock
from service.base.errors import Conflict
from service.data import db, tables
from service.data.tables import Message
from service.messages import changing, messages
from service.messages.messages import PRESENT, WRITTEN, MessageView, is_numbered
from service.rooms.changing import kept

MOST = 100  # pinned messages of one room
PINNED = PRESENT & Message.pinned_at.is_null(False)


@dataclass(frozen=True, slots=True)
class Pin:
    """When a message was pinned, and by whom, unless that account is gone."""

    at: dt.datetime
    by: str | None
    shown: str | None  # the name that others see

    def as_json(self) -> dict[str, Any]:
        """Return it as programs get it."""
        return {"by": self.by, "at": clock.utc(self.at)}


def pin(me: User, number: int, room: int) -> MessageView:
    """Pin a message; one that is pinned stays as it is.

    Raises NotFound, Forbidden, NotSignedIn, and Conflict if the room is archived or has MOST pins.
    """
    with changing.transaction(me, "post", room):
        row = _row(me, number, room)
        if row.pinned_at is None:
            kept({me.user_id})  # before the counter: others may have locked who is named
            changing.change("pinned", row, pinned_at=clock.now(), pinned_by=me.user_id)
            changing.require_room(me, room, open_to="pin")
            _require_space(me, room)
        return messages.view_of(me, row.id)


def unpin(me: User, number: int, room: int) -> MessageView:
    """Take the pin of a message away, if it has one. Raises as `pin`, but for the MOST."""
    with changing.transaction(me, "post", room):
        row = _row(me, number, room)
        if row.pinned_at is not None:
            changing.change("pinned", row, pinned_at=None, pinned_by=None)
            changing.require_room(me, room, open_to="unpin")
        return messages.view_of(me, row.id)


def of_room(me: User, room: int) -> list[MessageView]:
    """Return a room's pinned messages, the one pinned last first."""
    with db.snapshot():
        newest = _in(me, room).order_by(Message.pinned_at.desc(), Message.id.desc())
        ids = [row.id for row in newest]
        found = messages.views(me, ids)
    return [found[each] for each in ids]


def on_messages(me: Reader, ids: Collection[int]) -> dict[int, Pin]:
    """Return the pins of those of some messages that have one."""
    columns = Message.id, Message.pinned_at, tables.User.username, tables.User.display_name
    query = visible.messages(me, *columns).join(
        tables.User, JOIN.LEFT_OUTER, on=Message.pinned_by, attr="pinned_by"
    )
    found = query.where(Message.id << list(ids), PINNED)
    return {row.id: _pin(row.pinned_at, row.pinned_by) for row in found}


def of(message: MessageView) -> Pin | None:
    """Return the pin that a message is shown with."""
    found = dict(message.added).get("pins")
    return found if isinstance(found, Pin) else None


def _pin(at: Any, by: tables.User | None) -> Pin:
    if by is None:
        return Pin(at, None, None)
    return Pin(at, by.username, by.display_name or by.username)


def _row(me: User, number: int, room: int) -> Message:
    return changing.locked(me, (*is_numbered(room, number), WRITTEN, PRESENT))


def _in(me: User, room: int) -> Any:
    """Return a query of a room's pinned messages."""
    return visible.messages(me, Message.id).where(Message.room == room, PINNED)


def _require_space(me: User, room: int) -> None:
    if _in(me, room).count() > MOST:
        raise Conflict(f"A room can have {MOST} pinned messages. Take the pin off another first.")
