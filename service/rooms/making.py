"""Rooms as they are made: open and private ones, and direct messages."""

import secrets
from collections.abc import Collection

from peewee import IntegrityError

from service.access import options, roles, standing
from service.access.audit import Actor
from service.access.identity import Identity
from service.access.visible import User
from service.base import clock
from service.base.errors import Forbidden, Invalid, NotFound
from service.base.words import name_key
from service.data import db, events
from service.data.tables import Membership, Room
from service.rooms import changing, naming, rooms
from service.rooms.changing import Changing
from service.rooms.rooms import RoomView

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another
SLUG = 10  # of them: nobody guesses one
FEWEST, MOST = 2, 8  # people in a direct message
KINDS = {
    "open": "Open: everybody with an account finds it, reads it and can join.",
    "private": "Private: only who is added sees it.",
}


def make(me: User, by: Actor, name: str, kind: str = "open", topic: str = "") -> RoomView:
    """Make a room, with `me` in it.

    Raises Invalid, also for the name of another open room, Forbidden and NotSignedIn.
    """
    name, topic = naming.clean_name(name), naming.clean_topic(topic)
    if kind not in KINDS:
        raise Invalid(kind=f"A room is {' or '.join(KINDS)}.")
    try:
        with db.write():
            called = changing.kept([me.user_id])
            now = standing.require(me, "room")
            _require_let(now.role)
            row = _insert(me, name, kind, topic)
            _enter(row.id, [me.user_id])
            made = Changing(
                me, by, row, _seen(me, row), now.display_name or called[me.user_id], now
            )
            made.note("room.made", kind=kind)
            made.tell("made this room")
            made.moved(me.user_id)
            return made.room
    except IntegrityError:  # at the same moment
        raise naming.taken(name) from None


def require_let(me: Identity) -> None:
    """Raise Forbidden where nobody of that role makes rooms."""
    with db.read():
        _require_let(me.role)


def _require_let(role: str) -> None:
    if not options.read().let_make_rooms(role):
        raise Forbidden(roles.REFUSED["room"])


def _insert(me: User, name: str, kind: str, topic: str) -> Room:
    if kind == "open":
        naming.require_free(name)
    return Room.create(
        slug=new_slug(),
        kind=kind,
        name=name,
        name_key=name_key(name),
        topic=topic,
        created_by=me.user_id,
        created_at=clock.now(),
    )


def direct(me: User, others: Collection[int]) -> RoomView:
    """Return the direct message of `me` and some others, made if there is none yet.

    Raises Invalid for too many, none, or somebody who is not here, Forbidden and NotSignedIn.
    """
    people = {me.user_id, *others}
    if not FEWEST <= len(people) <= MOST:
        raise Invalid(to=f"Choose 1 to {MOST - 1} others.")
    key = rooms.direct_key(people)
    with db.write():
        changing.kept(people)
        standing.require(me, "direct")
        if not Room.select().where(Room.direct_key == key).exists():
            _make_direct(me, people, key)
        return _seen(me, Room.get(Room.direct_key == key))


def _make_direct(me: User, people: Collection[int], key: str) -> None:
    if people - standing.of(people).keys():
        raise Invalid(to="Somebody of these is not here any more. Choose again.")
    made = (
        Room.insert(
            slug=new_slug(),
            kind="direct",
            name="",
            direct_key=key,
            created_by=me.user_id,
            created_at=clock.now(),
        )
        .on_conflict_ignore()  # others of them do the same at this moment
        .returning(Room.id)
        .execute()
    )
    for row in made:
        _enter(row.id, people)
        for user in sorted(people):
            events.append(row.id, "membership", row.id, user=user)


def _enter(room: int, users: Collection[int]) -> None:
    rows = [{"room": room, "user": each, "joined_at": clock.now()} for each in sorted(users)]
    Membership.insert_many(rows).execute()


def _seen(me: User, row: Room) -> RoomView:
    found = rooms.now(me, row.slug)
    if found is None:
        raise NotFound
    return found


def new_slug() -> str:
    """Return a name for addresses that no other room has, and nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _ in range(SLUG))
