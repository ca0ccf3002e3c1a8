"""What is unread in the rooms of somebody."""

import pytest

from service.access.visible import Member
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import NotFound
from service.data import db
from service.data.tables import EventCounter, Message, Room
from service.messages import writing
from service.unread import unread
from service.unread.marks import Marks
from tests.unread.made import mention, room, row, say, seat, shown


@pytest.fixture
def me(account: Account) -> int:
    return account.id


@pytest.fixture
def other(other_account: Account) -> int:
    return other_account.id


def test_what_another_writes_is_a_dot_and_what_one_writes_oneself_is_none(
    me: int, other: int
) -> None:
    garden = room("garden", me, other)
    assert shown(me, garden) == (False, 0)
    say(other, garden)
    assert (shown(me, garden), shown(other, garden)) == ((True, 0), (False, 0))


def test_a_mention_is_a_number_until_it_is_read_or_gone(me: int, other: int) -> None:
    garden = room("garden", me, other)
    said = [say(other, garden, mentions=me) for _ in range(3)]
    assert shown(me, garden) == (True, 3)
    writing.delete(Member(other), said[2].id, garden.id)
    assert shown(me, garden) == (True, 2)
    marks = Marks()
    marks.read(Member(me), "garden", said[0].id)
    marks.store()
    assert shown(me, garden) == (True, 1)


def test_each_direct_message_counts(me: int, other: int) -> None:
    talk = room("talk", me, other, kind="direct")
    say(other, talk)
    say(other, talk, mentions=me)
    say(me, talk)
    assert (shown(me, talk), shown(other, talk)) == ((True, 2), (True, 1))


@pytest.mark.parametrize(
    ("level", "expected"),
    [("everything", (True, 1)), ("mentions", (False, 1)), ("nothing", (False, 0))],
)
def test_one_is_told_as_much_as_one_wants_to_be(
    me: int, other: int, level: str, expected: tuple[bool, int]
) -> None:
    garden = room("garden", me, level=level)
    say(other, garden)
    say(other, garden, mentions=me)
    assert shown(me, garden) == expected


def test_what_the_board_tells_by_itself_is_nothing_to_read(me: int, other: int) -> None:
    garden = room("garden", me)
    said = say(other, garden)
    told = row(garden, said.id)
    with db.write():
        Message.update(kind="system").where(Message.id == told.id).execute()
    assert shown(me, garden) == (False, 0)


@pytest.mark.parametrize("end", ["archived_at", "deleted_at"])
def test_a_room_that_has_ended_is_not_among_ones_rooms(me: int, end: str) -> None:
    garden = room("garden", me)
    with db.write():
        Room.update({getattr(Room, end): clock.now()}).where(Room.id == garden.id).execute()
    with db.read():
        assert garden.id not in {each.id for each in unread.seats(Member(me))}


def test_a_room_of_others_is_not_among_ones_rooms(me: int, other: int) -> None:
    room("garden", other)
    with db.read():
        assert "garden" not in {each.slug for each in unread.seats(Member(me))}


def test_a_mark_counts_at_once_and_is_stored_later(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    said = say(other, garden)
    marks.read(Member(me), "garden", said.id)
    assert (shown(me, garden, marks), shown(me, garden)) == ((False, 0), (True, 0))
    marks.store()
    assert (seat(me, garden).read, marks.of(me)) == (said.id, {})


def test_a_mark_only_rises(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    first, second = say(other, garden), say(other, garden)
    for number in (second.id, first.id):
        marks.read(Member(me), "garden", number)
        marks.store()
    assert seat(me, garden).read == second.id


def test_a_mark_lies_before_what_was_not_shown(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    said = [say(other, garden).id for _ in range(3)]
    marks.read(Member(me), "garden", said[0])
    marks.store()
    assert (seat(me, garden).read, shown(me, garden)) == (said[0], (True, 0))


def test_nobody_can_read_what_is_yet_to_come(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    marks.read(Member(me), "garden", 10**9)
    say(other, garden)
    assert shown(me, garden, marks) == (True, 0)


def reply(place_room: int, number: int, to: int) -> None:
    with db.write():
        here = Message.room == place_room
        parent = Message.get(here, Message.number == to)
        Message.update(parent=parent).where(here, Message.number == number).execute()


def test_replies_are_read_with_the_list_unless_they_mention_one(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    root, *replies = (say(other, garden).id for _ in range(3))
    for number in replies:
        reply(garden.id, number, root)
    marks.read(Member(me), "garden", root)
    assert shown(me, garden, marks) == (False, 0)
    last = say(other, garden, mentions=me).id
    reply(garden.id, last, root)
    marks.read(Member(me), "garden", root)
    assert shown(me, garden, marks) == (True, 1)


def test_marked_as_unread_a_room_is_so_from_that_message_on(me: int, other: int) -> None:
    garden, marks = room("garden", me), Marks()
    said = [say(other, garden).id for _ in range(3)]
    mention(garden, said[2], me)
    marks.read(Member(me), "garden", said[2])
    marks.unread(Member(me), "garden", said[1])
    marks.store()
    assert (seat(me, garden).read, shown(me, garden)) == (said[0], (True, 1))


def test_marked_as_unread_it_stays_so_whatever_another_process_has_yet_to_store(
    me: int, other: int
) -> None:
    garden, here, there = room("garden", me, other), Marks(), Marks()
    said = [say(other, garden).id for _ in range(4)]
    here.read(Member(me), "garden", said[1])
    here.store()
    there.read(Member(me), "garden", said[3])
    here.unread(Member(me), "garden", said[1])
    there.store()
    assert seat(me, garden).read == said[0]
    there.read(Member(me), "garden", said[2])  # it was read again
    here.unread(Member(me), "garden", said[0])
    there.read(Member(me), "garden", said[1])
    there.store()
    assert seat(me, garden).read == said[1]


def test_a_mark_from_before_a_restore_counts_no_more(me: int, other: int) -> None:
    garden, marks = room("garden", me, other), Marks()
    said = [say(other, garden).id for _ in range(3)]

    def restore() -> None:
        with db.write():
            EventCounter.update(epoch="restored").execute()

    marks.read(Member(me), "garden", said[2])
    restore()
    marks.store()
    assert seat(me, garden).read == 0
    marks.read(Member(me), "garden", said[0])
    marks.store()
    assert seat(me, garden).read == said[0]


def test_a_stranger_marks_nothing_and_learns_nothing(me: int, other: int) -> None:
    room("attic", other, kind="private")
    for act in (Marks().read, Marks().unread):
        with pytest.raises(NotFound):
            act(Member(me), "attic", 1)


def test_who_is_not_in_an_open_room_has_no_mark_there(me: int, other: int) -> None:
    garden, marks = room("garden", other), Marks()
    marks.read(Member(me), "garden", say(other, garden).id)
    assert marks.of(me) == {}
