"""Threads: a message, which is the root, and the replies to it; each reply is a message, too."""

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from peewee import IntegrityError, fn

from service.access import visible
from service.access.visible import Reader, User
from service.base import clock
from service.base.errors import NotFound
from service.data import db
from service.data.tables import Message
from service.messages import around, changing, messages, writing
from service.messages.around import Spot
from service.messages.messages import (
    IN_PLACE,
    PRESENT,
    WRITTEN,
    Listing,
    MessageView,
    is_numbered,
)
from service.messages.posts import Post


@dataclass(frozen=True, slots=True)
class Replies:
    """How many replies there are to a message, and when the last one came."""

    count: int
    last: dt.datetime

    def as_json(self) -> dict[str, Any]:
        """Return it as programs get it."""
        return {"count": self.count, "last": clock.utc(self.last)}


@dataclass(frozen=True)
class Thread:
    """A root, and a page of the replies to it."""

    root: MessageView
    replies: Listing
    newest: bool  # whether these are the newest of them
    newer: Spot | None  # where they go on, if these are not


def find(me: User, number: int, room: int, before: int | None = None) -> Thread:
    """Return the thread of a message, or the one where it is a reply; raise NotFound.

    Of its replies the newest are in it, or those before a number.
    """
    with db.read():
        id_ = _root_id(me, number, room)
        replies = messages.replies(me, id_, room, before)  # with the cursor: before the root
        root = messages.view_of(me, id_)
        if root.gone:
            raise NotFound
        newer = around.newer_replies(me, before, root, id_) if before else None
        return Thread(root, replies, before is None, newer)


def reply(me: User, number: int, new: Post) -> MessageView:
    """Write a reply to a message, in the thread where that is, or return what the same POST wrote.

    The root is shown anew: it has one more. Raises NotFound if there is no such message, and else
    as `writing.write`.
    """
    with suppress(IntegrityError), db.write():
        root = changing.locked(me, (Message.id == _root_id(me, number, new.place.id),))
        # Only now: while this waited, the last reply to a deleted one may have gone.
        if not visible.messages(me).where(Message.id == root.id, IN_PLACE).exists():
            raise NotFound
        new = replace(new, parent=root.id)
        if written := writing.store(new):
            changing.change("replied", root)
            return messages.view_of(me, written.id)
    return writing.posted_before(me, new)


def on_messages(me: Reader, ids: Collection[int]) -> dict[int, Replies]:
    """Return the replies to those of some messages that have any."""
    last = fn.MAX(Message.timestamp)
    query: Any = visible.messages(me, Message.parent, fn.COUNT(Message.id), last)
    query = query.where(Message.parent << list(ids), PRESENT).group_by(Message.parent)
    return {parent: Replies(count, at) for parent, count, at in query.tuples()}


def of(message: MessageView) -> Replies | None:
    """Return the replies that a message is shown with."""
    found = dict(message.added).get("threads")
    return found if isinstance(found, Replies) else None


def _root_id(me: User, number: int, room: int) -> int:
    """Return the id of a message's root, which may be itself; raise NotFound."""
    there = visible.messages(me, Message.id, Message.parent)
    row = there.where(*is_numbered(room, number), WRITTEN, IN_PLACE).get_or_none()
    if row is None:
        raise NotFound
    return int(row.parent_id or row.id)
