"""People to choose from: for a direct message, or to be added to a room."""

from collections.abc import Collection, Sequence

from peewee import ModelSelect

from service.access import visible
from service.accounts import accounts
from service.base.errors import Invalid
from service.base.words import name_key
from service.data import db
from service.data.tables import Membership, Room, User
from service.rooms import rooms
from service.rooms.places import Place
from service.rooms.rooms import Person

MOST = 50  # shown at once


def named(usernames: str) -> list[int]:
    """Return the ids of people by their usernames, a line each; raise Invalid for nobody's."""
    wanted = [line for line in map(str.strip, usernames.split("\n")) if line]
    found = accounts.find_all(wanted)
    if unknown := [each for each in wanted if name_key(each) not in found]:
        raise Invalid(to=f"There is nobody named {', '.join(unknown)}.")
    return [found[name_key(each)].id for each in wanted]


def talk(me: visible.User, username: str) -> Place | None:
    """Return where the direct message of `me` and one other is, by their username, if it is."""
    other = accounts.find(username)
    if other is None:
        return None
    key = rooms.direct_key([me.user_id, other.id])
    with db.read():
        found = Room.select(Room.id, Room.slug).where(Room.id << visible.rooms(me))
        row = found.where(Room.direct_key == key).get_or_none()
    return Place(row.id, row.slug) if row else None


def one(username: str) -> int:
    """Return the id of somebody by their username; raise Invalid if it is nobody's."""
    found = accounts.find(username)
    if found is None:
        raise Invalid(username=f"There is nobody named {username}.")
    return found.id


def people(
    but: int, q: str = "", chosen: Collection[str] = (), outside: int = 0
) -> tuple[list[Person], bool]:
    """Return whom somebody can choose, by name, and whether there are more.

    They have `q` in one of their names; those that are `chosen` already come first, whatever they
    are called. Who is in the room `outside` is not among them.
    """
    user = User
    there = Membership.select(Membership.user).where(Membership.room == outside)
    here = user.disabled_at.is_null() & (user.id != but) & ~(user.id << there)
    keys = list(map(name_key, chosen))
    with db.read():
        first = _persons(user.select().where(here, user.username_key << keys), len(keys))
        others = user.select().where(here, ~(user.username_key << keys))
        if q.strip():
            part = name_key(q)
            others = others.where(
                user.username_key.contains(part) | user.display_key.contains(part)
            )
        found = _persons(others, MOST + 1)
    return [*first, *found[:MOST]], len(found) > MOST


def _persons(query: "ModelSelect[User]", most: int) -> Sequence[Person]:
    rows = query.order_by(User.username_key).limit(most)
    return [Person(row.id, row.username, row.display_name, row.role == "bot") for row in rows]
