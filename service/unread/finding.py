"""Where somebody may want to go: rooms, direct messages and people, by the beginnings of words."""

from dataclasses import dataclass
from typing import Any

from service.access.visible import User
from service.base.words import name_key
from service.data import db, tables
from service.rooms import rooms
from service.rooms.rooms import Person, RoomView
from service.unread.rail import Item, Rail

MOST = 50  # people at once
OPEN = tables.User.disabled_at.is_null() & tables.User.deleted_at.is_null()
USERNAME, DISPLAY_NAME = tables.User.username_key, tables.User.display_key
COLUMNS = tables.User.id, tables.User.username, tables.User.display_name, tables.User.role


@dataclass(frozen=True)
class Found:
    """What was found, and whether there are more people than that."""

    rooms: list[Item]
    directs: list[Item]
    others: list[Item]  # open rooms that one has not joined, of those that are looked for
    archived: list[Item]  # rooms that one is in, or looks for: no rail has them
    people: list[Person]
    more: bool

    @property
    def nothing(self) -> bool:
        return not (self.rooms or self.directs or self.others or self.archived or self.people)


def find(me: User, rail: Rail, q: str) -> Found:
    """Return what of a rail, of other rooms and of people has words that begin as in `q`.

    Rooms that `me` is not in are looked for alone: without a word there are none.
    """
    words = name_key(q).split()
    people = _people(me, words)
    in_rail, directs = (
        [each for each in of if _fits(each.name, words)] for of in (rail.rooms, rail.directs)
    )
    beyond = _beyond(me, words)
    others = [_item(room) for room in beyond if not room.archived]
    archived = [_item(room) for room in beyond if room.archived]
    return Found(in_rail, directs, others, archived, people[:MOST], len(people) > MOST)


def _beyond(me: User, words: list[str]) -> list[RoomView]:
    """Return rooms that no rail has, by name: archived ones, and others that are looked for."""
    if not words:
        return [room for room in rooms.mine(me) if room.archived]
    with db.read():
        found = [room for room in rooms.seen(me) if room.archived or not room.member]
    return sorted((room for room in found if _fits(room.name, words)), key=_name)


def _name(room: RoomView) -> str:
    return name_key(room.name)


def _item(room: RoomView) -> Item:
    place = room.place
    return Item(place.page, place.slug, room.kind, room.name, None, unread=False, count=0)


def _fits(name: str, words: list[str]) -> bool:
    begins = f" {name_key(name)}"
    return all(f" {word}" in begins for word in words)


def _people(me: User, words: list[str]) -> list[Person]:
    """Return others by name, one more than are shown if there are."""
    people = tables.User.select(*COLUMNS).where(OPEN, tables.User.id != me.user_id)
    for word in words:
        people = people.where(_begins(USERNAME, word) | _begins(DISPLAY_NAME, word))
    with db.read():
        rows = list(people.order_by(tables.User.username_key).limit(MOST + 1))
    found = [Person(row.id, row.username, row.display_name, row.role == "bot") for row in rows]
    return sorted(found, key=lambda person: name_key(person.shown))


def _begins(column: Any, word: str) -> Any:
    return column.startswith(word) | column.contains(f" {word}")
