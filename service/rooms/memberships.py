"""Who is in a room: joining and leaving, adding and removing, and what each wants to be told."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from peewee import fn

from service.access import standing, visible
from service.access.audit import Actor, Someone
from service.access.visible import EVERYONE, User
from service.base import clock
from service.base.errors import Conflict, Forbidden, Invalid, NotFound
from service.data import db, events, tables
from service.data.tables import BOARD, Membership, Message, Room
from service.rooms import altering, deeds, rooms
from service.rooms.changing import Changing, changing
from service.rooms.rooms import Level, Person, RoomView
from service.web.named import together

LEVELS: tuple[Level, ...] = get_args(Level)
MOST_ADDED = 50  # people at once
NOT_IN = "They are not in this room, or not any more."
NOT_HERE = "Somebody of these is not here any more. Choose again."


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who is in a room."""

    person: Person
    joined_at: dt.datetime
    made_it: bool  # whether they made the room


def inside(me: User, slug: str) -> list[Inside]:
    """Return who is in a room, by name, but whom the board keeps out; raise NotFound."""
    with db.read():
        room = rooms.now(me, slug)
        if room is None:
            raise NotFound
        user = tables.User
        columns = user.id, user.username, user.display_name, user.role
        found = Membership.select(Membership.joined_at, *columns).join(user)
        rows = list(found.where(Membership.room == room.place.id, user.disabled_at.is_null()))
    people = [
        Inside(_person(row.user), row.joined_at, row.user.id == room.created_by) for row in rows
    ]
    return sorted(people, key=lambda each: (each.person.shown.casefold(), each.person.id))


def _person(row: tables.User) -> Person:
    return Person(row.id, row.username, row.display_name, row.role == "bot")


def join(me: User, by: Actor, slug: str) -> RoomView:
    """Come into an open room; whoever is in it stays.

    Raises Conflict for an archived one, NotFound for one that `me` does not see, and as `changing`.
    """
    with changing(me, by, slug, "join") as one:
        if not one.room.member:
            if one.room.archived:
                raise Conflict("This room is archived. Nobody can join it any more.")
            _enter(one, [me.user_id])
            one.tell("joined")
            one.changed()
            one.moved(me.user_id)
        return _again(one)


def leave(me: User, by: Actor, slug: str) -> bool:
    """Leave a room; say whether it is deleted, as nobody would ever see it again.

    Raises Conflict for the first one and for direct messages, and as `changing`.
    """
    with changing(me, by, slug, "join") as one:
        _require_doors(one.room)
        if not one.room.member:
            return False
        deserted = is_last(one.room)
        _go(one, me.user_id)
        if deserted:
            altering.hide(one)
        else:
            one.tell("left")
            one.changed()
        one.moved(me.user_id)
        return deserted


def is_last(room: RoomView) -> bool:
    """Say whether a private room has no other member; in a transaction or connection."""
    members = Membership.select().where(Membership.room == room.place.id)
    return room.kind == "private" and members.count() == 1


def add(me: User, by: Actor, slug: str, users: Collection[int]) -> RoomView:
    """Bring others into a room; who is there stays.

    Raises Invalid for nobody, too many, or somebody who is not here; and as `changing` and its
    `require`.
    """
    if not 1 <= len(users) <= MOST_ADDED:
        raise Invalid(to=f"Choose somebody, {MOST_ADDED} at most.")
    with changing(me, by, slug, others=users) as one:
        one.require("add")
        if set(users) - standing.of(users).keys():
            raise Invalid(to=NOT_HERE)
        there = Membership.select(Membership.user).where(Membership.room == one.row.id)
        if new := sorted(set(users) - {row.user_id for row in there}):
            _add(one, new)
        return _again(one)


def _add(one: Changing, new: list[int]) -> None:
    _enter(one, new)
    people = _people(new)
    for each in people:
        one.note("room.member_added", Someone(each.id, each.username))
    one.tell(f"added {together([each.shown for each in people])}")
    one.changed()
    one.moved(*new)


def remove(me: User, by: Actor, slug: str, user_id: int) -> None:
    """Take somebody out of a room.

    Raises Invalid if they are not in it, Conflict for oneself, and as `add`.
    """
    with changing(me, by, slug, others=[user_id]) as one:
        one.require("remove")
        if user_id == me.user_id:
            raise Conflict("This is you: leave the room instead.")
        if not _go(one, user_id):
            raise Invalid(username=NOT_IN)
        (person,) = _people([user_id])
        one.note("room.member_removed", Someone(person.id, person.username))
        one.tell(f"removed {person.shown}")
        one.changed()
        one.moved(user_id)


def set_level(me: User, by: Actor, slug: str, level: str) -> RoomView:
    """Say what one wants to be told of in a room; raises Invalid, Forbidden and as `changing`."""
    if level not in LEVELS:
        raise Invalid(level=f"Choose one of these: {', '.join(LEVELS)}.")
    with changing(me, by, slug, "join") as one:
        if not one.room.member:
            raise Forbidden(deeds.JOIN_FIRST)
        values: dict[Any, Any] = {"level": level}
        here = Membership.room == one.row.id, Membership.user == me.user_id
        if not Membership.update(values).where(*here).execute():
            _enter(one, [me.user_id], **values)  # into the first one: see `rooms`
        one.moved(me.user_id)
        return _again(one)


def forget(user_id: int) -> list[int]:
    """Take somebody who is deleted out of all rooms, in the transaction that has locked their row.

    What nobody is left in, and nobody would ever see again, is deleted with them. Returns the rooms
    for `tell`.
    """
    ids = of([user_id])
    query = Room.select().where(Room.id << ids, Room.kind != "open")
    rows = list(db.locked(query.order_by(Room.id)))
    Membership.delete().where(Membership.user == user_id).execute()
    for row in rows:
        if not Membership.select().where(Membership.room == row.id).exists():
            Room.update(deleted_at=clock.now()).where(Room.id == row.id).execute()
    return ids


def of(users: Collection[int]) -> list[int]:
    """Return the ids of the rooms that some users are in, but of the first; in a transaction."""
    theirs = Membership.select(Membership.room).where(Membership.user << list(users))
    there = Room.select(Room.id).where(Room.id << theirs, Room.deleted_at.is_null())
    return [row.id for row in there.where(Room.id != BOARD).order_by(Room.id)]


def tell(room_ids: Iterable[int]) -> None:
    """Let open pages know that other people are in some rooms now; last in a transaction."""
    events.append_all(events.Happened(each, "room", each) for each in room_ids)


def _require_doors(room: RoomView) -> None:
    if room.kind == "direct":
        raise Conflict(deeds.FIXED)
    if room.first:
        raise Conflict(deeds.FIRST)


def _enter(one: Changing, users: Collection[int], **more: Any) -> None:
    """Make memberships; what was written before is not unread."""
    written = visible.messages(EVERYONE, fn.MAX(Message.number)).where(Message.room == one.row.id)
    beginning = {"read_number": written.scalar() or 0, "joined_at": clock.now(), **more}
    rows = [{"room": one.row.id, "user": user, **beginning} for user in users]
    Membership.insert_many(rows).execute()


def _go(one: Changing, user_id: int) -> bool:
    gone = Membership.room == one.row.id, Membership.user == user_id
    return bool(Membership.delete().where(*gone).execute())


def _again(one: Changing) -> RoomView:
    room = rooms.now(one.me, one.row.slug)
    if room is None:
        raise NotFound
    return room


def _people(ids: Collection[int]) -> list[Person]:
    found = tables.User.select().where(tables.User.id << list(ids)).order_by(tables.User.id)
    return [_person(row) for row in found]
