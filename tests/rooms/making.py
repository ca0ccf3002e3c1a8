"""Rooms and who is in them, written as another process does it."""

from collections.abc import Iterable
from typing import Any

from service.base import clock
from service.data import db, events
from service.data.tables import Event, Membership, Room, User
from service.messages import writing
from service.messages.messages import MessageView
from service.rooms.places import Place


def user_of(name: str) -> int:
    with db.read():
        return User.get(User.username == name).id


def make(slug: str, *names: str, kind: str = "private") -> Place:
    """Make a room with some people in it."""
    with db.write():
        room = Room.create(slug=slug, kind=kind, name=slug, created_at=clock.now())
    place = Place(room.id, slug)
    add(place, *names)
    return place


def add(place: Place, *names: str) -> None:
    """Let people be in a room."""
    for name in names:
        with db.write():
            Membership.create(room=place.id, user=user_of(name), joined_at=clock.now())
            moved(place, name)


def remove(place: Place, *names: str) -> None:
    """Let people be in a room no more."""
    for name in names:
        with db.write():
            user = user_of(name)
            Membership.delete().where(
                Membership.room == place.id, Membership.user == user
            ).execute()
            moved(place, name)


def change(place: Place, **values: Any) -> None:
    """Change a room."""
    with db.write():
        Room.update(**values).where(Room.id == place.id).execute()
        events.append(place.id, "room", place.id)


def moved(place: Place, name: str) -> None:
    """Write the event of who has come or gone; the last in its transaction."""
    seq = events.append(place.id, "membership", place.id)
    Event.update(user=user_of(name)).where(Event.seq == seq).execute()


def say(place: Place, name: str, text: str) -> MessageView:
    return writing.post(user_of(name), text, place=place)


def say_all(place: Place, name: str, texts: Iterable[str]) -> None:
    for text in texts:
        say(place, name, text)
