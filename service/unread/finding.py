"""Where somebody may want to go: rooms, direct messages and people, by the beginnings of words."""

from dataclasses import dataclass
from typing import Any

from service.access.visible import User
from service.base.words import name_key
from service.data import db, tables
from service.rooms import rooms
from service.rooms.rooms import Person
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
    archived: list[Item]  # rooms that one is in: no rail has them
    people: list[Person]
    more: bool

    @property
    def nothing(self) -> bool:
        return not (self.rooms or self.directs or self.archived or self.people)


def find(me: User, rail: Rail, q: str) -> Found:
    """Return what of a rail, of archived rooms and of people has words that begin as in `q`."""
    words = name_key(q).split()
    people = _people(me, words)
    in_rail, directs = (
        [each for each in of if _fits(each.name, words)] for of in (rail.rooms, rail.directs)
    )
    archived = [each for each in _archived(me) if _fits(each.name, words)]
    return Found(in_rail, directs, archived, people[:MOST], len(people) > MOST)


def _archived(me: User) -> list[Item]:
    found = (room for room in rooms.mine(me) if room.archived)
    return [
        Item(room.place.page, room.place.slug, room.kind, room.name, None, unread=False, count=0)
        for room in found
    ]


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
