"""Deleted rooms: what was written there is emptied after, and their names and topics with it."""

from collections.abc import Iterator
from typing import Any

from service.access import visible
from service.access.visible import OPERATOR
from service.base import clock
from service.data import db
from service.data.tables import Membership, Mention, Message, Reaction, Room

AT_ONCE = 50  # messages in one transaction, so that others find their turn
EMPTIED: dict[str, Any] = {
    **dict.fromkeys(("text", "words", "posted_digest"), ""),
    **dict.fromkeys(("pinned_at", "pinned_by")),
}
# What says that this is still to be done.
NAMED = Room.name_key.is_null(False) | Room.direct_key.is_null(False)
NAMELESS = {"name": "", "name_key": None, "topic": "", "direct_key": None}


def batches() -> Iterator[bool]:
    """Empty all deleted rooms, as far as it has not been done, some messages at each step."""
    while (room := _deleted()) is not None:
        while _empty_some(room):
            yield True
        with db.write():
            Membership.delete().where(Membership.room == room).execute()
            Room.update(**NAMELESS).where(Room.id == room).execute()


def _deleted() -> int | None:
    with db.read():
        row = Room.select(Room.id).where(Room.deleted_at.is_null(False), NAMED).first()
    return row.id if row else None


def _empty_some(room: int) -> bool:
    """Empty some messages of a room that nobody sees; say whether there may be more."""
    there = Message.room == room, Message.deleted_at.is_null()
    with db.write():
        left = visible.messages(OPERATOR, Message.id).where(*there)
        ids = [row.id for row in db.locked(left.order_by(Message.id).limit(AT_ONCE))]
        for table in (Mention, Reaction):
            table.delete().where(table.message << ids).execute()
        gone = {**EMPTIED, "deleted_at": clock.now()}
        Message.update(**gone).where(Message.id << ids).execute()
        return bool(ids) or left.exists()  # another process may have the rest
