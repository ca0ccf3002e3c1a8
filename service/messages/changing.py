"""How a message that is there is changed: by whom, in one transaction, with its event."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from peewee import IntegrityError, ModelSelect

from service.access import sessions, standing, visible
from service.access.roles import Action
from service.access.visible import OPERATOR, User
from service.base import clock
from service.base.errors import Conflict, NotFound, NotSignedIn
from service.data import db, events
from service.data.tables import Event, Mention, Message, Reaction, Room
from service.messages.messages import WRITTEN, is_numbered, is_own
from service.rooms.emptying import EMPTIED


@contextmanager
def transaction(me: User, action: Action, room: int) -> Generator[None]:
    """Write in one transaction, on behalf of who may and still sees the room at its end.

    What changes that takes the event counter, too: who has it already sees all that came before.
    A change that waited for a restore would find other people under the same ids.
    """
    try:
        with db.write():
            standing.require(me, action)
            yield
            require_room(me, room)
            if me.session_id and not sessions.still_stands(me.session_id):
                raise NotSignedIn
    except IntegrityError:  # even the author is gone
        raise NotSignedIn from None


def require_room(me: User, room: int, *, open_to: str = "") -> None:
    """Raise NotFound if `me` does not see the room, Conflict if it is to be open and is archived.

    An archived one can only be emptied.
    """
    found = Room.select(Room.archived_at).where(Room.id == room, Room.id << visible.rooms(me))
    row = found.get_or_none()
    if row is None:
        raise NotFound
    if open_to and row.archived_at:
        raise Conflict(f"This room is archived. Nobody can {open_to} here any more.")


def change(kind: str, row: Message, **values: Any) -> None:
    """Write values, and the event that says so: the last that a transaction asks others for."""
    _change(kind, row.room_id, row.id, **values)


def _change(kind: str, room: int, message: int, **values: Any) -> None:
    seq = events.append(room, kind, message, message=message)
    Message.update(seq=seq, **values).where(Message.id == message).execute()


def edited_since(me: User, row: Message, version: int) -> bool:
    """Say whether the text of a message may be another than at a version.

    Each change makes an event and the next version; what others do to it leaves the text alone.
    Where the log does not say, it may.
    """
    changes = (row.version or 0) - version
    if changes <= 0:
        return changes < 0  # of no version that there was
    its = visible.events(me, row.room_id).where(Event.message == row.id)
    kinds = [each.kind for each in its.order_by(Event.seq.desc()).limit(changes)]
    return len(kinds) < changes or not {"posted", "edited"}.isdisjoint(kinds)


def empty(*those: Message, **values: Any) -> None:
    """Empty messages for good; their mentions and reactions go.

    They are locked, and before them what they reply to, which is shown with one reply less.
    """
    # First: who deletes an account holds its rows of these, and asks for the event counter after.
    for table in (Mention, Reaction):
        table.delete().where(table.message << [row.id for row in those]).execute()
    # Pages of the release before, which know nothing of a removal, take the message away.
    for row in those:
        change("deleted", row, **EMPTIED, deleted_at=clock.now(), **values)
    # None of those again: PostgreSQL would look at what it refers to, which others may have locked.
    gone = {row.id for row in those}
    for root, room in {row.parent_id: row.room_id for row in those}.items():
        if root and root not in gone:
            _change("replied", room, root)


def own(me: User, room: int, number: int, *, deleted_too: bool = False) -> Message:
    """Return one's own message, locked; raise NotFound."""
    if deleted_too:
        _lock_root(me, room, number)
    row = locked(me, is_own(me, room, number))
    if row.deleted_at and not deleted_too:
        what = "removed by a moderator" if row.removed_at else "deleted"
        raise NotFound(f"This message was {what} meanwhile.")
    return row


def others(me: User, room: int, number: int) -> Message:
    """Return another's message, locked; raise NotFound, for one that its author deleted, too."""
    _lock_root(me, room, number)
    row = locked(me, (*is_numbered(room, number), WRITTEN, Message.author != me.user_id))
    if row.deleted_at and not row.removed_at:
        raise NotFound("This message was deleted meanwhile.")
    return row


def _lock_root(me: User, room: int, number: int) -> None:
    """Lock what a message replies to, before itself: all who lock several begin with the oldest."""
    is_there = is_numbered(room, number)
    reply = visible.messages(me, Message.parent).where(*is_there).get_or_none()
    if reply and reply.parent_id:
        list(db.locked(visible.messages(me, Message.id).where(Message.id == reply.parent_id)))


def locked_with_roots(query: "ModelSelect[Message]") -> list[Message]:
    """Return the messages of a query, locked with what they reply to; not what another has done."""
    found = list(query.select(Message.id, Message.parent))
    ids = {id_ for row in found for id_ in (row.id, row.parent_id) if id_}
    those = visible.messages(OPERATOR, Message.id).where(Message.id << list(ids))
    list(db.locked(those.order_by(Message.id)))
    return list(query.where(Message.id << [row.id for row in found]))


def locked(me: User, conditions: tuple[object, ...]) -> Message:
    """Return a message that `me` sees, locked; raise NotFound."""
    row = db.locked(visible.messages(me).where(*conditions)).get_or_none()
    if row is None:
        raise NotFound
    return row
