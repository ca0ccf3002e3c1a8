"""Whatever happens, dots and numbers are those of a recount from the tables."""

import random
from collections.abc import Callable

import pytest

from service.access.visible import Member
from service.accounts.accounts import Account
from service.data import db
from service.data.tables import Mention
from service.messages import writing
from service.rooms.places import Place
from service.threads import threads
from service.unread.marks import Marks
from tests.unread.made import Recount, mention, room, row, say, seat, shown

STEPS = 40


class Board:
    """Two people in some rooms, who do this and that."""

    def __init__(self, people: list[int], chance: random.Random) -> None:
        self.people, self.chance = people, chance
        self.rooms = [
            room("garden", *people),
            room("attic", *people, kind="private", level="mentions"),
            room("talk", *people, kind="direct"),
        ]
        self.marks = Marks()
        self.said: list[tuple[int, Place, int]] = []

    def step(self) -> None:
        ways: list[Callable[[], None]] = [self.post, self.post, self.edit, self.delete, self.reply]
        self.chance.choice([*ways, self.read, self.read, self.unread, self.marks.store])()

    def post(self) -> None:
        by, place = self.chance.choice(self.people), self.chance.choice(self.rooms)
        whom = self.chance.choice([None, *self.people])
        self.said.append((by, place, say(by, place, mentions=whom).id))

    def edit(self) -> None:
        """Name somebody, or nobody any more."""
        for by, place, number in self.some():
            message, whom = row(place, number), self.chance.choice(self.people)
            writing.edit(Member(by), number, str(self.chance.random()), room=place.id)
            named = Mention.message == message.id, Mention.user == whom
            with db.write():
                is_gone = Mention.delete().where(*named).execute()
            if not is_gone:
                mention(place, number, whom)

    def delete(self) -> None:
        for each in self.some():
            self.said.remove(each)
            by, place, number = each
            writing.delete(Member(by), number, place.id)

    def reply(self) -> None:
        for _, place, number in self.some():
            by, whom = self.chance.choice(self.people), self.chance.choice([None, *self.people])
            said = threads.reply(Member(by), number, writing.draft(Member(by), "Yes", place=place))
            self.said.append((by, place, said.id))
            if whom:
                mention(place, said.id, whom)

    def read(self) -> None:
        for _, place, number in self.some():
            self.marks.read(Member(self.chance.choice(self.people)), place.slug, number)

    def unread(self) -> None:
        for _, place, number in self.some():
            self.marks.unread(Member(self.chance.choice(self.people)), place.slug, number)

    def some(self) -> list[tuple[int, Place, int]]:
        return [self.chance.choice(self.said)] if self.said else []


@pytest.mark.parametrize("seed", [1, 2])
def test_a_recount_agrees(account: Account, other_account: Account, seed: int) -> None:
    board = Board([account.id, other_account.id], random.Random(seed))
    for _ in range(STEPS):
        board.step()
        for user in board.people:
            for place in board.rooms:
                read = seat(user, place, board.marks).read
                assert shown(user, place, board.marks) == Recount(user, place, read).of()
