"""Messages as a reader finds them: the newest, one's own, those that changed."""

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import SQL, ModelSelect

from service.access import visible
from service.access.visible import Reader, User
from service.base import unreadable
from service.base.errors import NotFound
from service.data import db, events, tables
from service.data.tables import BOARD, Message
from service.messages import finding, mentions
from service.rooms.places import Place
from service.search import search
from service.search.query import Query

PAGE_SIZE = 50
Additions = Callable[[Reader, Collection[int]], Mapping[int, Hashable]]
# What nouns above this one show on messages, by the names of their folders; each says it of those
# with some ids, in the reader's transaction.
ADDITIONS: dict[str, Additions] = {}
PRESENT = Message.deleted_at.is_null()
# Not EXISTS, for which PostgreSQL would go through all replies that there are.
ANSWERED = SQL(
    """(SELECT 1 FROM messages AS reply WHERE reply.parent_id = "t1".id
        AND reply.deleted_at IS NULL LIMIT 1) IS NOT NULL"""
)
IN_PLACE = PRESENT | Message.removed_at.is_null(is_null=False) | ANSWERED  # what pages show
ROOT = Message.parent.is_null()  # no reply: those stand in a thread of their own
WRITTEN = Message.kind == "text"  # by people; what the board tells itself stays as it is
SHOWN = (
    *(Message.id, Message.author, Message.text, Message.timestamp, Message.edited_at),
    *(Message.deleted_at, Message.removed_at, Message.seq, Message.number, Message.version),
    *(Message.kind, Message.parent, Message.room, tables.Room.id, tables.Room.slug),
)


@dataclass(frozen=True)
class MessageView:
    """A message as it is now, with its author's name; a deleted one has no text.

    One that a moderator has removed is deleted, too, but its place stays, as does that of one to
    which there are replies.

    Its id is its number in its room, and its seq its version: what is shown under these names.
    """

    id: int
    text: str
    timestamp: dt.datetime
    author_id: int
    author: str
    display_name: str | None  # the author's
    bot: bool  # whether the author is one
    edited: bool
    deleted: bool
    seq: int
    place: Place
    kind: str = "text"  # or system: told by the board itself
    removed: bool = False
    edited_at: dt.datetime | None = None
    added: tuple[tuple[str, Hashable], ...] = ()  # by other nouns
    called: mentions.Called = ()  # by their names, or with everybody in the room
    parent: int | None = None  # the number of the message that it replies to

    @property
    def gone(self) -> bool:
        """Say whether nothing of it is shown any more."""
        return self.deleted and not self.removed and "threads" not in dict(self.added)

    @property
    def path(self) -> str:
        """The address of the page where it stands, and there of the message."""
        thread = f"/{self.parent}/thread" if self.parent else ""
        return f"{self.place.page}{thread}#message-{self.id}"


@dataclass(frozen=True)
class Listing:
    """Messages newest first, the cursor read before them, and where older ones go on."""

    messages: list[MessageView]
    cursor: events.Cursor
    before: int | None


def newest(
    me: Reader, before: int | None = None, query: Query | None = None, room: int = BOARD
) -> Listing:
    """Return a room's newest PAGE_SIZE messages, of those before an id and of those that match.

    Replies are among those that match alone.
    """
    if query:
        search.catch_up()
    with db.read():
        # The cursor first: a message replayed twice is harmless, one never replayed is lost.
        cursor = visible.newest(room).cursor
        if query:
            return _page(me, cursor, _matching(me, query, room, before))
        return _page(me, cursor, _before(me, before, Message.room == room, ROOT))


def replies(me: Reader, root: int, room: int, before: int | None = None) -> Listing:
    """Return the newest PAGE_SIZE replies to a message, by its id, of those before a number."""
    with db.read():
        cursor = visible.newest(room).cursor
        return _page(me, cursor, _before(me, before, Message.parent == root))


def _page(me: Reader, cursor: events.Cursor, found: list[Message]) -> Listing:
    shown = [*views_of(me, found[:PAGE_SIZE]).values()]
    return Listing(shown, cursor, shown[-1].id if len(found) > PAGE_SIZE else None)


def _before(me: Reader, before: int | None, *there: object) -> list[Message]:
    found = rows(me).where(*there, IN_PLACE)
    found = found if before is None else found.where(Message.number < before)
    return list(found.order_by(Message.number.desc()).limit(PAGE_SIZE + 1))


def _matching(me: Reader, query: Query, room: int, before: int | None) -> list[Message]:
    in_room = finding.in_room(me, query, room, before)
    return _by_ids(me, search.newest_ids(me, query, in_room, PAGE_SIZE + 1))


def _by_ids(me: Reader, ids: list[int]) -> list[Message]:
    """Return those of some messages that are there, the newest first."""
    # By their ids alone: asked for by room and in order, SQLite walks through all of the room.
    found = rows(me).where(Message.id << ids, PRESENT)
    return sorted(found, key=lambda row: row.id, reverse=True)


def found(me: Reader, ids: list[int]) -> list[MessageView]:
    """Return those of some messages that are there, newest first, in the caller's transaction."""
    return [*views_of(me, _by_ids(me, ids)).values()]


def own(me: User, number: int, room: int = BOARD) -> MessageView:
    """Return one's own message; raise NotFound for a stranger's or a deleted one."""
    return _present(me, *is_own(me, room, number))


def any_ones(me: User, number: int, room: int = BOARD) -> MessageView:
    """Return anybody's message; raise NotFound for a deleted one."""
    return _present(me, *is_numbered(room, number), WRITTEN)


def is_mine(me: User, number: int, room: int = BOARD) -> bool:
    """Say whether somebody wrote a message, deleted or not."""
    with db.read():
        return visible.messages(me).where(*is_own(me, room, number)).exists()


def is_in_place(me: User, number: int, room: int = BOARD) -> bool:
    """Say whether pages show a message, or that it was there."""
    with db.read():
        return visible.messages(me).where(*is_numbered(room, number), IN_PLACE).exists()


def _present(me: User, *conditions: object) -> MessageView:
    with db.read():
        row = rows(me).where(*conditions, PRESENT).get_or_none()
        if row is None:
            raise NotFound
        return views_of(me, [row])[row.id]


def views(me: Reader, ids: Iterable[int]) -> dict[int, MessageView]:
    """Return those of some messages, deleted ones too, that `me` may see."""
    return views_of(me, list(rows(me).where(Message.id << list(ids))))


def view_of(me: Reader, id_: int) -> MessageView:
    """Return a message, a deleted one too; raise NotFound if `me` does not see it any more."""
    if found := views(me, [id_]).get(id_):
        return found
    raise NotFound


def newest_of(room: int = BOARD) -> visible.Newest:
    """Return what is newest of a room: the cursor behind it, and what else may have changed."""
    with db.read():
        return visible.newest(room)


def newest_cursor(room: int = BOARD) -> events.Cursor:
    """Return the cursor behind the newest change in a room."""
    return newest_of(room).cursor


def is_own(me: User, room: int, number: int) -> tuple[object, ...]:
    """Return the conditions of a message of that number in the room, by `me`."""
    return *is_numbered(room, number), Message.author == me.user_id, WRITTEN


def is_numbered(room: int, number: int) -> tuple[object, ...]:
    """Return the conditions of a message of that number in the room."""
    return Message.room == room, Message.number == number


def rows(me: Reader, *more: Any) -> "ModelSelect[Message]":
    """Return a query of the messages that `me` may see with what `view` needs, and `more` columns.

    To read all of each row would take a fifth longer.
    """
    author = tables.User.id, tables.User.username, tables.User.display_name, tables.User.role
    found = visible.messages(me, *SHOWN, *author, *more).join(tables.User, on=Message.author)
    return found.switch().join(tables.Room, on=Message.room)


def views_of(me: Reader, found: list[Message]) -> dict[int, MessageView]:
    """Return rows of `rows` as they are shown, by their ids and in their order."""
    ids = [row.id for row in found]
    added = {name: additions(me, ids) for name, additions in ADDITIONS.items()}
    called = mentions.of(row.id for row in found if "@" in row.text)
    parents = _numbers(me, {row.parent_id for row in found if row.parent_id})
    return {
        row.id: view(
            row,
            tuple((name, of[row.id]) for name, of in added.items() if row.id in of),
            called.get(row.id, ()),
            parents.get(row.parent_id or 0),
        )
        for row in found
    }


def _numbers(me: Reader, ids: Collection[int]) -> dict[int, int]:
    """Return the numbers of some messages, by their ids."""
    if not ids:
        return {}
    found = visible.messages(me, Message.id, Message.number).where(Message.id << list(ids))
    return {row.id: row.number or row.id for row in found}


def view(
    row: Message,
    added: tuple[tuple[str, Hashable], ...] = (),
    called: mentions.Called = (),
    parent: int | None = None,
) -> MessageView:
    """Return a row of `rows` as it is shown; `parent` is the number of what it replies to."""
    unreadable.tell("messages", row.id, row.__data__)
    unreadable.tell("users", row.author_id, row.author.__data__)
    return MessageView(
        # As the fill will have it, where a restore by 0.3 has just left both out.
        id=row.number or row.id,
        text=row.text,
        timestamp=row.timestamp,
        author_id=row.author_id,
        author=row.author.username,
        display_name=row.author.display_name,
        bot=row.author.role == "bot",
        edited=row.edited_at is not None,
        edited_at=row.edited_at,
        deleted=row.deleted_at is not None,
        seq=row.version or row.seq,
        place=Place(row.room.id, row.room.slug),
        kind=row.kind,
        removed=row.removed_at is not None,
        added=added,
        called=called,
        parent=parent,
    )
