"""Pins: what everybody should find again. Anybody may pin a message, and take a pin away."""

from collections.abc import Collection

from service.access import visible
from service.access.visible import Reader, User
from service.base import clock
from service.base.errors import NotFound
from service.data import db, events, tables
from service.data.tables import BOARD, Message
from service.messages import messages
from service.messages.messages import MessageView
from tests.pins.tables import Pin


def pin(me: User, number: int) -> MessageView:
    """Pin a message; one that is pinned stays as it is. Raises NotFound."""
    with db.write():
        row = _row(me, number)
        if not Pin.get_or_none(Pin.message == row.id):
            Pin.insert(message=row.id, user=me.user_id, created_at=clock.now()).execute()
            _change("pinned", row)
        return messages.views(me, [row.id])[row.id]


def unpin(me: User, number: int) -> MessageView:
    """Take the pin of a message away, if it has one. Raises NotFound."""
    with db.write():
        row = _row(me, number)
        if Pin.delete().where(Pin.message == row.id).execute():
            _change("unpinned", row)
        return messages.views(me, [row.id])[row.id]


def on_messages(_: Reader, ids: Collection[int]) -> dict[int, str]:
    """Return who pinned those of some messages that are pinned."""
    found = Pin.select(Pin.message, tables.User.username).join(tables.User)
    return {row.message_id: row.user.username for row in found.where(Pin.message << list(ids))}


def _row(me: User, number: int) -> Message:
    there = Message.room == BOARD, Message.number == number, Message.deleted_at.is_null()
    row = db.locked(visible.messages(me).where(*there)).get_or_none()
    if row is None:
        raise NotFound
    return row


def _change(kind: str, row: Message) -> None:
    """Write the event, and let the message be newer than what pages hold of it."""
    seq = events.append(row.room_id, kind, row.id, message=row.id)
    Message.update(seq=seq).where(Message.id == row.id).execute()
