"""Many rooms with people in them, for what is measured there."""

from collections.abc import Collection, Iterable

from service.base import clock
from service.data import db
from service.data.tables import Membership, Room
from service.messages import writing
from service.rooms.places import Place

OPEN, DIRECT = 150, 50
MESSAGES = 20  # in each room
CALL = 5  # every so many, somebody is mentioned


def make(count: int, members: Collection[int] = (), kind: str = "open") -> list[Place]:
    """Make rooms that some users are in, or direct messages of theirs."""
    return [_make(f"{kind}{number}", kind, members) for number in range(count)]


def _make(slug: str, kind: str, members: Iterable[int]) -> Place:
    with db.write():
        name = "" if kind == "direct" else f"Room {slug}"
        room = Room.create(slug=slug, kind=kind, name=name, name_key=name.casefold() or None)
        join(room.id, members)
        return Place(room.id, slug)


def join(room: int, users: Iterable[int]) -> None:
    rows = [{"room": room, "user": user, "joined_at": clock.now()} for user in users]
    if rows:
        Membership.insert_many(rows).execute()


def talk(places: Iterable[Place], reader: int, other: int) -> None:
    """Let somebody called Alice find much, nothing new, or only what she said herself."""
    for number, place in enumerate(places):
        for at in range(MESSAGES):
            called = "@alice " if at % CALL == 0 and number % 3 == 0 else ""
            author = reader if number % 3 == 1 else other
            writing.post(author, f"{called}Lunch {at} is at noon.", place=place)
        if number % 3 == 2:
            with db.write():
                mine = Membership.room == place.id, Membership.user == reader
                Membership.update(read_number=MESSAGES).where(*mine).execute()
