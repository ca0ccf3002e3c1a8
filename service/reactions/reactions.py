"""Reactions: added and taken back, and who has which on a message."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from service.access.visible import Reader, User
from service.base import clock
from service.data import tables
from service.data.tables import Message, Reaction
from service.messages import writing
from service.messages.messages import MessageView
from service.reactions import palette


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reacted, and the name that others see."""

    id: int
    username: str
    shown: str


class Reactions(tuple[tuple[str, tuple[Person, ...]], ...]):
    """Who has reacted on a message, by the emoji, in the order of the first of each."""

    __slots__ = ()

    def as_json(self) -> list[dict[str, Any]]:
        """Return it as programs get it."""
        return [
            {"emoji": emoji, "by": [person.username for person in people]} for emoji, people in self
        ]


def add(me: User, number: int, emoji: str, room: int) -> MessageView:
    """React on a message; the same again changes nothing.

    Raises Invalid, NotFound, Forbidden, NotSignedIn, and Conflict if the room is archived.
    """
    emoji = palette.clean(emoji)

    def act(row: Message) -> bool:
        if Reaction.select().where(*_is_mine(me, row, emoji)).exists():
            return False
        Reaction.insert(
            message=row.id, user=me.user_id, emoji=emoji, reacted_at=clock.now()
        ).execute()
        return True

    return writing.touch(me, number, room, "reacted", "react", act)


def remove(me: User, number: int, emoji: str, room: int) -> MessageView:
    """Take a reaction back, if it is there. Raises as `add`."""
    emoji = palette.clean(emoji)

    def act(row: Message) -> bool:
        return bool(Reaction.delete().where(*_is_mine(me, row, emoji)).execute())

    return writing.touch(me, number, room, "reacted", "react", act)


def on_messages(_: Reader, ids: Collection[int]) -> dict[int, Reactions]:
    """Return the reactions on those of some messages that have any."""
    person = tables.User.id, tables.User.username, tables.User.display_name
    query = Reaction.select(Reaction.message, Reaction.emoji, *person).join(tables.User)
    found: defaultdict[int, dict[str, list[Person]]] = defaultdict(dict)
    for row in query.where(Reaction.message << list(ids)).order_by(Reaction.id):
        user = row.user
        who = Person(user.id, user.username, user.display_name or user.username)
        found[row.message_id].setdefault(row.emoji, []).append(who)
    return {
        id_: Reactions((emoji, tuple(people)) for emoji, people in each.items())
        for id_, each in found.items()
    }


def of(message: MessageView) -> Reactions:
    """Return the reactions that a message is shown with."""
    found = dict(message.added).get("reactions")
    return found if isinstance(found, Reactions) else Reactions()


def _is_mine(me: User, row: Message, emoji: str) -> tuple[object, ...]:
    return Reaction.message == row.id, Reaction.user == me.user_id, Reaction.emoji == emoji
