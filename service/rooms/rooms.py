"""Rooms as somebody finds them: one by its slug, and those that they are in."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Path
from peewee import JOIN, Case, ModelSelect, fn

from service.access import visible
from service.access.visible import User
from service.base.errors import NotFound
from service.data import db, tables
from service.data.tables import BOARD, Membership, Room
from service.rooms.places import BOARD_PLACE, Place

Kind = Literal["open", "private", "direct"]
Level = Literal["everything", "mentions", "nothing"]  # of what its members want to be told
# Of a slug as addresses hold it; one that can't be is one that is not.
Slug = Annotated[
    str,
    Path(min_length=1, max_length=32, pattern="^[A-Za-z0-9_-]+$", description="The room's slug"),
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a direct message, gone or not, as others see them."""

    id: int
    username: str
    display_name: str | None
    bot: bool = False

    @property
    def shown(self) -> str:
        """The name that others see."""
        return self.display_name or self.username


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as `me` sees it; a direct message is named after the others in it."""

    place: Place
    kind: Kind
    name: str
    topic: str
    archived: bool
    people: int | None  # as `people` says; None where nobody asks for it, too
    created_by: int | None
    member: bool  # whether `me` is one
    level: Level  # of `me`, if they are
    joined_at: dt.datetime | None  # of `me`, as the level
    others: tuple[Person, ...] = ()  # in a direct message

    @property
    def first(self) -> bool:
        """Say whether it is the one that everybody is in."""
        return self.place.id == BOARD


def find(me: User, slug: str) -> RoomView:
    """Return the room of that slug; raise NotFound if there is none that `me` may see."""
    with db.read():
        found = now(me, slug)
    if found is None:
        raise NotFound
    return found


def now(me: User, slug: str) -> RoomView | None:
    """Return the same, or None, in the transaction of whoever asks."""
    return next(iter(_views(me, _rows(me, people()).where(Room.slug == slug))), None)


def id_of(slug: str) -> int:
    """Return a room's id, for those who are found to see it; raise NotFound."""
    if slug == BOARD_PLACE.slug:
        return BOARD
    with db.read():
        row = Room.select(Room.id).where(Room.slug == slug).get_or_none()
    if row is None:
        raise NotFound
    return row.id


def seen_by(users: Collection[User], slug: str) -> dict[int, RoomView]:
    """Return the room of that slug as each of some users sees it, by their ids; within a read.

    Those who may not see it are left out.
    """
    if len(users) == 1:  # the usual case, in one query
        (me,) = users
        views = _views(me, _rows(me, people()).where(Room.slug == slug))
        return {me.user_id: views[0]} if views else {}
    row: Any = Room.select(Room, people()).where(Room.slug == slug).get_or_none()
    ids = visible.readers(row.id, {me.user_id for me in users}) if row else set()
    there = Membership.room == row, Membership.user << list(ids)
    own: dict[int, Any] = {each.user_id: each for each in Membership.select().where(*there)}
    return {
        me.user_id: _view(row, others(me, [row]).get(row.id, ()), own.get(me.user_id))
        for me in users
        if me.user_id in ids
    }


def mine(me: User) -> list[RoomView]:
    """Return the rooms that `me` is in by name, the first room first; direct messages after them.

    Archived ones are among them.
    """
    with db.read():
        inside = Membership.user.is_null(False) | (Room.id == BOARD)
        found = _views(me, _rows(me).where(inside))
    return sorted(found, key=_place)


def listed(me: User) -> list[RoomView]:
    """Return all rooms that `me` may see, in the order of `mine`; direct messages are their own."""
    with db.read():
        return sorted(_views(me, _rows(me, people())), key=_place)


def _place(room: RoomView) -> tuple[bool, bool, str]:
    return room.kind == "direct", not room.first, room.name.casefold()


def seen(me: User, ids: Collection[int] | None = None) -> list[RoomView]:
    """Return the rooms that `me` may see, or those of some ids, in the reader's transaction."""
    found = _rows(me)
    return _views(me, found if ids is None else found.where(Room.id << list(ids)))


def _rows(me: User, *more: Any) -> "ModelSelect[Room]":
    """Return a query of the rooms that `me` may see, each with their membership if there is one."""
    own = (Membership.room == Room.id) & (Membership.user == me.user_id)
    columns = Room, *more, Membership.user, Membership.level, Membership.joined_at
    query = Room.select(*columns).join(Membership, JOIN.LEFT_OUTER, on=own, attr="own")
    return query.where(Room.id << visible.rooms(me))


def _views(me: User, rows: Iterable[Any]) -> list[RoomView]:
    rows = list(rows)
    found = others(me, rows)
    return [_view(row, found.get(row.id, ()), getattr(row, "own", None)) for row in rows]


def _view(row: Any, others: tuple[Person, ...], own: Any) -> RoomView:
    return RoomView(
        place=Place(row.id, row.slug),
        kind=row.kind,
        name=", ".join(each.shown for each in others) if row.kind == "direct" else row.name,
        topic=row.topic,
        archived=row.archived_at is not None,
        people=getattr(row, "people", None),
        created_by=row.created_by_id,
        # The release before, while it still serves, makes accounts without a membership.
        member=own is not None or row.id == BOARD,
        level=own.level if own else "everything",
        joined_at=own.joined_at if own else None,
        others=others,
    )


def people() -> Any:
    """Return a column of a query of rooms: how many are in each, but whom the board keeps out.

    None of the first one, which everybody is in, and of direct messages, which are never more.
    """
    seat, user = Membership.alias(), tables.User.alias()
    inside = seat.select(fn.COUNT(seat.id)).join(user, on=seat.user == user.id)
    inside = inside.where(seat.room == Room.id, user.disabled_at.is_null())
    told = (Room.id != BOARD) & (Room.kind != "direct")
    return Case(None, [(told, inside)]).alias("people")


def others(me: User, rows: Collection[Any]) -> dict[int, tuple[Person, ...]]:
    """Return who else is in each direct message of some rooms, by their ids; within a read.

    Those who are gone, too, as its key names all.
    """
    wanted = {row.id: _in_direct(row.direct_key) - {me.user_id} for row in rows if row.direct_key}
    people = _people(set[int]().union(*wanted.values()))
    return {
        room: tuple(sorted((people[one] for one in ids if one in people), key=_by_name))
        for room, ids in wanted.items()
    }


def direct_key(users: Iterable[int]) -> str:
    """Return what a direct message of some users is found by; the same for the same users."""
    return " ".join(map(str, sorted(set(users))))


def _in_direct(key: str) -> set[int]:
    return {int(user) for user in key.split()}


def _people(ids: Collection[int]) -> dict[int, Person]:
    if not ids:
        return {}
    columns = tables.User.id, tables.User.username, tables.User.display_name, tables.User.role
    found = tables.User.select(*columns).where(tables.User.id << list(ids))
    return {
        row.id: Person(row.id, row.username, row.display_name, row.role == "bot") for row in found
    }


def _by_name(person: Person) -> tuple[str, int]:
    return person.shown.casefold(), person.id
