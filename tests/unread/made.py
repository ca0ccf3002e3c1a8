"""Rooms to read in, and what is unread there, counted once more from the tables."""

from dataclasses import dataclass

from service.access.visible import Member
from service.base import clock
from service.data import db
from service.data.tables import Membership, Mention, Message, Room
from service.messages import writing
from service.messages.messages import MessageView
from service.rooms.places import Place
from service.unread import unread
from service.unread.marks import Marks
from service.unread.unread import Seat


def room(slug: str, *members: int, kind: str = "open", level: str = "everything") -> Place:
    """Make a room that some people are in."""
    with db.write():
        name = "" if kind == "direct" else slug.capitalize()
        key = " ".join(map(str, sorted(members))) if kind == "direct" else None
        made = Room.create(slug=slug, kind=kind, name=name, direct_key=key, created_at=clock.now())
        for user in members:
            Membership.create(room=made, user=user, level=level, joined_at=clock.now())
    return Place(made.id, slug)


def say(user: int, place: Place, text: str = "Hello", mentions: int | None = None) -> MessageView:
    """Write a message, which may mention somebody."""
    said = writing.post(user, text, place=place)
    if mentions:
        mention(place, said.id, mentions)
    return said


def row(place: Place, number: int) -> Message:
    with db.read():
        return Message.get(Message.room == place.id, Message.number == number)


def mention(place: Place, number: int, user: int) -> None:
    there = row(place, number)
    with db.write():
        Mention.create(user=user, message=there, room=place.id, number=number)


def seat(user: int, place: Place, marks: Marks | None = None) -> Seat:
    """Return what somebody sees of a room that they are in."""
    with db.read():
        found = unread.seats(Member(user), marks.of(user) if marks else None)
    (seat,) = (each for each in found if each.id == place.id)
    return seat


def shown(user: int, place: Place, marks: Marks | None = None) -> tuple[bool, int]:
    """Return whether somebody sees a dot at a room, and its number."""
    found = seat(user, place, marks)
    return bool(found.dot), found.count


@dataclass(frozen=True)
class Recount:
    """What is unread, by going through each row."""

    user: int
    place: Place
    read: int

    def of(self) -> tuple[bool, int]:
        with db.read():
            kind = Room.get_by_id(self.place.id).kind
            own = Membership.get(room=self.place.id, user=self.user)
            texts = {each.id: each for each in Message.select() if self._is_new(each)}
            named = [
                m for m in Mention.select() if m.user_id == self.user and m.message_id in texts
            ]
        count = len(texts) if kind == "direct" else len(named)
        return own.level == "everything" and bool(texts), count if own.level != "nothing" else 0

    def _is_new(self, message: Message) -> bool:
        here = message.room_id == self.place.id and (message.number or 0) > self.read
        told = message.kind == "text" and message.deleted_at is None
        return here and told and message.author_id != self.user
