"""The rooms of the tests."""

from service.base import clock
from service.data import db
from service.data.tables import Membership, Room, User
from service.rooms.places import Place
from tests.people import Person


def add_room(slug: str, kind: str, *members: int, **more: object) -> Place:
    """Add a room, named as its slug with a capital, with some users in it, by their ids."""
    with db.write():
        name = "" if kind == "direct" else slug.capitalize()
        room = Room.create(slug=slug, kind=kind, created_at=clock.now(), **{"name": name, **more})
        for user in members:
            Membership.create(room=room, user=user, joined_at=clock.now())
    return Place(room.id, slug)


def id_of(person: Person) -> int:
    """Return the id of somebody who is signed in, by what their page says."""
    page = person.get("/msgs", headers={"accept": "text/html"}).text
    name = page.partition('data-name="')[2].partition('"')[0]
    with db.read():
        return User.get(User.username == name).id
