"""Joining and leaving, adding and removing, and what somebody wants to be told."""

from contextlib import suppress
from functools import partial
from itertools import pairwise

import pytest

from service.access import visible
from service.access.audit import OPERATOR
from service.accounts.accounts import Account
from service.base.errors import BoardError, Conflict, Forbidden, Invalid, NotFound
from service.data import db
from service.data.tables import Membership, Message, Room
from service.messages import messages, writing
from service.people import people
from service.rooms import altering, memberships, rooms
from service.search import reindex
from tests.at_once import at_once
from tests.people import add_bot, add_person
from tests.rooms.doing import audited, by, direct, events, made, me, told


def names(account: Account, slug: str) -> list[str]:
    return [each.person.username for each in memberships.inside(me(account), slug)]


def join(account: Account, slug: str) -> None:
    memberships.join(me(account), by(account), slug)


def leave(account: Account, slug: str) -> bool:
    return memberships.leave(me(account), by(account), slug)


def remove(account: Account, slug: str, other: Account) -> None:
    memberships.remove(me(account), by(account), slug, other.id)


def add(account: Account, slug: str, *others: Account) -> None:
    memberships.add(me(account), by(account), slug, [each.id for each in others])


def sees(account: Account, slug: str) -> bool:
    try:
        rooms.find(me(account), slug)
    except NotFound:
        return False
    return True


def test_an_open_room_is_joined_and_left_and_says_so(
    account: Account, other_account: Account
) -> None:
    slug = made(account, "Garden")
    join(other_account, slug)
    join(other_account, slug)
    assert names(account, slug) == ["alice", "bob"]
    assert leave(other_account, slug) is False
    assert leave(other_account, slug) is False
    assert told(slug) == ["alice made this room", "bob joined", "bob left"]
    moved = [("posted", None), ("room", None), ("membership", other_account.id)]
    assert events(slug)[2:] == moved * 2
    assert sees(other_account, slug)


def test_what_was_written_before_one_joins_is_not_unread(
    account: Account, other_account: Account
) -> None:
    slug = made(account, "Garden")
    place = rooms.find(me(account), slug).place
    writing.post(account.id, "Before", place=place)
    join(other_account, slug)
    with db.read():
        row = Membership.get(Membership.user == other_account.id, Membership.room == place.id)
    assert row.read_number == 2


def test_nobody_joins_a_private_room_but_is_added_by_who_is_in_it(
    account: Account, other_account: Account, outsider: Account, ada: Account
) -> None:
    slug = made(account, "Party", "private")
    for one in (other_account, ada):
        with pytest.raises(NotFound):
            join(one, slug)
        with pytest.raises(NotFound):
            add(one, slug, one)
    add(account, slug, other_account, outsider)
    add(other_account, slug, outsider)
    assert names(other_account, slug) == ["alice", "bob", "charlie"]
    assert told(slug)[1:] == ["alice added bob and charlie"]
    assert audited() == ["room.made", "room.member_added", "room.member_added"]


def test_whoever_is_removed_sees_a_private_room_no_more(
    account: Account, other_account: Account, outsider: Account
) -> None:
    slug = made(account, "Party", "private", other_account)
    with pytest.raises(Forbidden):
        remove(other_account, slug, account)
    with pytest.raises(Invalid, match="not in this room"):
        remove(account, slug, outsider)
    with pytest.raises(Conflict, match="leave the room instead"):
        remove(account, slug, account)
    remove(account, slug, other_account)
    assert not sees(other_account, slug)
    assert told(slug)[-1] == "alice removed bob"
    assert events(slug)[-1] == ("membership", other_account.id)


def test_a_moderator_removes_from_rooms_they_see(account: Account, other_account: Account) -> None:
    moderator = add_person("mo", "moderator")
    slug, hidden = made(account, "Garden"), made(account, "Party", "private", other_account)
    join(other_account, slug)
    remove(moderator, slug, other_account)
    with pytest.raises(NotFound):
        remove(moderator, hidden, other_account)


def test_guests_join_and_leave_and_add_nobody(account: Account, other_account: Account) -> None:
    guest, slug = add_person("gus", "guest"), made(account, "Garden")
    join(guest, slug)
    with pytest.raises(Forbidden):
        add(guest, slug, other_account)
    leave(guest, slug)
    assert names(account, slug) == ["alice"]


def test_who_is_not_in_an_open_room_adds_nobody(account: Account, other_account: Account) -> None:
    slug = made(account, "Garden")
    with pytest.raises(Forbidden, match="Join this room first"):
        add(other_account, slug, other_account)


def test_only_who_is_here_is_added_and_some_at_once(account: Account) -> None:
    gone, slug = add_person("gone"), made(account, "Garden")
    people.disable(OPERATOR, gone.id)
    for wrong in ([], [gone.id], [account.id, 999_999], list(range(51))):
        with pytest.raises(Invalid) as refused:
            memberships.add(me(account), by(account), slug, wrong)
        assert refused.value.fields.keys() == {"to"}


def test_a_private_room_that_the_last_one_leaves_is_deleted(
    account: Account, other_account: Account
) -> None:
    slug = made(account, "Party", "private", other_account)
    assert leave(account, slug) is False
    assert sees(other_account, slug)
    assert leave(other_account, slug) is True
    assert not sees(other_account, slug)
    assert audited()[-1] == "room.deleted"


def test_nobody_leaves_the_first_room_or_a_direct_message(
    account: Account, other_account: Account
) -> None:
    talk = direct(account, other_account).place.slug
    for slug in ("board", talk):
        for act in (
            partial(leave, account, slug),
            partial(add, account, slug, other_account),
            partial(remove, account, slug, other_account),
        ):
            with pytest.raises((Conflict, Forbidden)):
                act()
    assert names(account, talk) == ["alice", "bob"]


def test_an_archived_room_is_left_and_not_joined(
    account: Account, other_account: Account, outsider: Account
) -> None:
    slug = made(account, "Garden")
    join(other_account, slug)
    altering.archive(me(account), by(account), slug)
    with pytest.raises(Conflict, match="archived"):
        join(outsider, slug)
    with pytest.raises(Conflict, match="archived"):
        add(account, slug, outsider)
    leave(other_account, slug)
    assert names(account, slug) == ["alice"]


def test_everybody_says_for_themselves_what_they_want_to_be_told(
    account: Account, other_account: Account
) -> None:
    slug = made(account, "Garden")
    assert memberships.set_level(me(account), by(account), slug, "mentions").level == "mentions"
    assert rooms.find(me(account), slug).level == "mentions"
    with pytest.raises(Forbidden):
        memberships.set_level(me(other_account), by(other_account), slug, "nothing")
    with pytest.raises(Invalid, match="everything, mentions, nothing"):
        memberships.set_level(me(account), by(account), slug, "silence")
    # An account of the release before has no membership of the first room.
    assert memberships.set_level(me(account), by(account), "board", "nothing").level == "nothing"


def test_a_new_account_is_in_the_first_room_which_has_nothing_unread(account: Account) -> None:
    writing.post(account.id, "Before")
    new = people.add(OPERATOR, "newcomer", "correct horse battery")
    with db.read():
        (row,) = Membership.select().where(Membership.user == new.id)
    assert (row.room_id, row.read_number, row.level) == (1, 1, "everything")
    assert [each.first for each in rooms.mine(me(new))] == [True]


def test_whoever_is_deleted_is_in_no_room_and_takes_along_what_was_theirs_alone(
    account: Account, other_account: Account
) -> None:
    shared = made(account, "Party", "private", other_account)
    alone = made(account, "Diary", "private")
    people.delete(OPERATOR, account.id)
    assert names(other_account, shared) == ["bob"]
    with db.read():
        assert not Membership.select().where(Membership.user == account.id).exists()
        assert [room.slug for room in Room.select().where(Room.deleted_at.is_null(False))] == [
            alone
        ]


def test_what_a_room_says_is_nobodys_to_change_and_not_found_by_search(
    account: Account, other_account: Account, ada: Account
) -> None:
    slug = made(account, "Garden")
    room = rooms.find(me(account), slug).place.id
    for act in (
        partial(writing.edit, me(account), 1, "Changed", room=room),
        partial(writing.delete, me(account), 1, room=room),
        partial(writing.remove, me(ada), 1, by(ada), room=room),
        partial(messages.any_ones, me(ada), 1, room=room),
    ):
        with pytest.raises(NotFound):
            act()
    reindex.run()
    with db.read():
        found = visible.messages(visible.OPERATOR).where(Message.kind == "system")
        assert [row.words for row in found] == [""]


def test_a_bot_is_added_like_anybody(account: Account) -> None:
    bot = add_bot("robot", account)
    slug = made(account, "Party", "private", bot)
    writing.post(bot.id, "Beep", place=rooms.find(me(bot), slug).place)
    with pytest.raises(BoardError):
        remove(bot, slug, account)


def test_many_who_come_and_go_at_once_never_wait_in_a_circle(
    account: Account, other_account: Account, outsider: Account, ada: Account
) -> None:
    slug = made(account, "Garden")
    place = rooms.find(me(account), slug).place
    everybody = [account, other_account, outsider, ada]

    def come_and_go(one: Account, other: Account) -> None:
        for number in range(6):
            for act in (
                partial(join, one, slug),
                partial(writing.post, one.id, f"Number {number}", place=place),
                partial(add, one, slug, other),
                partial(remove, one, slug, other),
                partial(altering.rename, me(one), by(one), slug, f"Room {one.id} {number}"),
                partial(leave, one, slug),
            ):
                with suppress(BoardError):  # whoever was removed meanwhile may no more
                    act()

    at_once([partial(come_and_go, *pair) for pair in pairwise([*everybody, account])])
    with db.read():
        numbers = [
            row.number
            for row in visible.messages(visible.OPERATOR)
            .where(Message.room == place.id)
            .order_by(Message.id)
        ]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 24
