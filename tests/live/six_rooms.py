"""Six rooms and eight people, who do there what chance wants, written as another process does."""

import random
from collections.abc import Callable

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.messages import writing
from service.pins import pins
from service.reactions import reactions
from service.reactions.palette import PALETTE
from service.rooms import making, memberships
from service.rooms.places import BOARD_PLACE, Place
from service.threads import threads
from tests.people import add_person

NAMES = ("alice", "bob", "charlie", "dora", "emil", "frida", "gus", "hanna")
KINDS = ("open", "open", "private", "private")
EMOJI = next(iter(PALETTE))

Said = tuple[int, Place, int]  # by whom, where, and which


class World:
    """Who is where, and what was said there. Alice, who has made the rooms, is in each."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.people = {name: add_person(name).id for name in NAMES}
        self.alice = Member(self.people["alice"])
        self.rooms = {BOARD_PLACE: {*self.people.values()}}
        for number, kind in enumerate(KINDS):
            made = making.make(self.alice, OPERATOR, f"Room {number}", kind)
            some = [self.people[name] for name in chance.sample(NAMES[1:], 4)]
            memberships.add(self.alice, OPERATOR, made.place.slug, some)
            self.rooms[made.place] = {self.alice.user_id, *some}
        self.doors = [*self.rooms][1:]  # of the rooms that people come into and leave
        self.open = {BOARD_PLACE, *self.doors[: KINDS.count("open")]}
        three = [self.people[name] for name in NAMES[:3]]
        self.rooms[making.direct(self.alice, three[1:]).place] = {*three}
        self.said: list[Said] = []

    def readers(self, place: Place) -> list[str]:
        """Return the names of those who may read a room."""
        every = place in self.open
        return [name for name, user in self.people.items() if every or user in self.rooms[place]]

    def step(self) -> None:
        """Let somebody do something."""
        ways: list[Callable[[], object]] = [
            self.post,
            self.post,
            self.reply,
            self.edit,
            self.delete,
        ]
        self.chance.choice([*ways, self.react, self.pin, self.come_or_go, self.come_or_go])()

    def post(self) -> None:
        place = self.chance.choice([*self.rooms])
        user = self._somebody(place)
        self.said.append((user, place, writing.post(user, self._text(), place=place).id))

    def reply(self) -> None:
        for _, place, number in self._some():
            user = self._somebody(place)
            new = writing.draft(Member(user), self._text(), place=place)
            self.said.append((user, place, threads.reply(Member(user), number, new).id))

    def edit(self) -> None:
        for user, place, number in self._own():
            writing.edit(Member(user), number, self._text(), room=place.id)

    def delete(self) -> None:
        for each in self._own():
            self.said.remove(each)
            user, place, number = each
            writing.delete(Member(user), number, place.id)

    def react(self) -> None:
        for _, place, number in self._some():
            do = self.chance.choice([reactions.add, reactions.remove])
            do(Member(self._somebody(place)), number, EMOJI, place.id)

    def pin(self) -> None:
        for _, place, number in self._some():
            do = self.chance.choice([pins.pin, pins.unpin])
            do(Member(self._somebody(place)), number, place.id)

    def come_or_go(self) -> None:
        """Let somebody join or leave an open room; let Alice do that to them in a private one."""
        place = self.chance.choice(self.doors)
        user = self.chance.choice([*self.people.values()][1:])
        is_in = user in self.rooms[place]
        if place in self.open:
            do = memberships.leave if is_in else memberships.join
            do(Member(user), OPERATOR, place.slug)
        elif is_in:
            memberships.remove(self.alice, OPERATOR, place.slug, user)
        else:
            memberships.add(self.alice, OPERATOR, place.slug, [user])
        self.rooms[place] ^= {user}

    def _text(self) -> str:
        return f"Text {self.chance.random()}"

    def _somebody(self, place: Place) -> int:
        return self.chance.choice(sorted(self.rooms[place]))

    def _some(self) -> list[Said]:
        return [self.chance.choice(self.said)] if self.said else []

    def _own(self) -> list[Said]:
        """Return a message whose author is still there, if any."""
        there = [each for each in self.said if each[0] in self.rooms[each[1]]]
        return [self.chance.choice(there)] if there else []
