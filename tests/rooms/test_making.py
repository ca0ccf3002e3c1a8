"""Rooms and direct messages as they are made."""

from functools import partial

import pytest

from service.access import audit, options
from service.access.audit import OPERATOR
from service.accounts.accounts import Account
from service.base.errors import Forbidden, Invalid, NotFound
from service.data import db
from service.messages import writing
from service.people import people
from service.rooms import altering, making, rooms
from tests.at_once import at_once
from tests.people import add_bot, add_person
from tests.rooms.doing import audited, by, direct, events, made, me, told


def test_whoever_makes_a_room_is_in_it_and_it_says_so(account: Account) -> None:
    room = making.make(me(account), by(account), "  Garden  club ", "open", "Beds and bees")
    assert (room.name, room.topic, room.kind, room.member) == (
        *("Garden club", "Beds and bees", "open"),
        True,
    )
    assert len(room.place.slug) == 10
    assert told(room.place.slug) == ["alice made this room"]
    assert events(room.place.slug) == [("posted", None), ("membership", account.id)]
    assert audited() == ["room.made"]


def test_two_open_rooms_have_no_name_in_common_whatever_its_case(account: Account) -> None:
    slug = made(account, "Garden")
    with pytest.raises(Invalid, match="an open room named GARDEN"):
        made(account, "GARDEN")
    other = made(account, "Attic")
    with pytest.raises(Invalid):
        altering.rename(me(account), by(account), other, "garden")
    altering.rename(me(account), by(account), slug, "GARDEN")


def test_a_private_name_is_anybodys_so_that_nobody_learns_of_it(
    account: Account, other_account: Account
) -> None:
    made(account, "Party", "private")
    assert made(other_account, "Party")
    assert made(account, "Party", "private")


def test_of_two_open_rooms_of_one_name_made_at_once_one_is_refused(account: Account) -> None:
    def make() -> bool:
        try:
            made(account, "Garden")
        except Invalid:
            return False
        return True

    assert sorted(at_once([make] * 4)) == [False, False, False, True]


@pytest.mark.parametrize("name", ["", " ", "x" * 51, "a\u202eb", "\u200b", "\u2800"])
def test_what_is_no_name_is_refused(account: Account, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(account, name)
    assert refused.value.fields.keys() == {"name"}


def test_a_topic_is_one_line_of_at_most_250_characters(account: Account) -> None:
    make = partial(making.make, me(account), by(account))
    assert make("A", "open", "x" * 124 + "\n" + "y" * 125).topic == "x" * 124 + " " + "y" * 125
    with pytest.raises(Invalid, match="250"):
        make("B", "open", "x" * 251)
    with pytest.raises(Invalid, match="open or private"):
        make("B", "secret")


def test_members_make_rooms_only_as_long_as_an_option_lets_them(
    account: Account, ada: Account
) -> None:
    with db.write():
        options.set(audit.OPERATOR, "members_make_rooms", "no")
    with pytest.raises(Forbidden):
        made(account, "Garden")
    assert made(ada, "Garden")


def test_guests_and_bots_make_none(account: Account) -> None:
    for one in (add_person("gus", "guest"), add_bot("bot", account)):
        with pytest.raises(Forbidden):
            made(one, "Garden")
        with pytest.raises(Forbidden):
            direct(one, account)


def test_the_same_people_have_one_direct_message(
    account: Account, other_account: Account, outsider: Account
) -> None:
    first = direct(account, other_account)
    assert (first.name, first.kind) == ("bob", "direct")
    again = direct(other_account, account, other_account)
    assert (again.place, again.name) == (first.place, "alice")
    assert direct(account, other_account, outsider).place != first.place
    assert audited() == []
    with pytest.raises(NotFound):
        rooms.find(me(outsider), first.place.slug)


def test_made_by_several_at_once_it_is_one(account: Account, other_account: Account) -> None:
    pairs = [(account, other_account), (other_account, account)] * 3
    found = at_once([partial(direct, *pair) for pair in pairs])
    assert len({each.place for each in found}) == 1
    assert [kind for kind, _ in events(found[0].place.slug)] == ["membership"] * 2


def test_a_direct_message_has_two_to_eight_people_who_are_here(
    account: Account, other_account: Account
) -> None:
    others = [add_person(f"person-{number}") for number in range(8)]
    assert direct(account, *others[:7])
    with pytest.raises(Invalid):
        direct(account, *others)
    with pytest.raises(Invalid):
        direct(account)
    people.disable(OPERATOR, other_account.id)
    with pytest.raises(Invalid, match="not here any more"):
        direct(account, other_account)


def test_what_was_written_stays_readable_for_the_other_when_one_is_deleted(
    account: Account, other_account: Account
) -> None:
    room = direct(account, other_account)
    people.delete(OPERATOR, other_account.id)
    assert rooms.find(me(account), room.place.slug).name == f"deleted-{other_account.id}"
    assert writing.post(account.id, "Bye", place=room.place)
