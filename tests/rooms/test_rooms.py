"""Which rooms somebody finds, and what they see of them."""

import pytest

from service.access.visible import Member
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import NotFound
from service.data import db
from service.data.tables import Membership, Room
from service.rooms import rooms
from tests.people import add_person


def make(slug: str, kind: str, *members: int, **more: object) -> Room:
    with db.write():
        name = "" if kind == "direct" else slug.capitalize()
        room = Room.create(slug=slug, kind=kind, name=name, created_at=clock.now(), **more)
        for user in members:
            Membership.create(room=room, user=user, joined_at=clock.now())
    return room


def test_who_is_in_a_private_room_finds_it_and_a_stranger_does_not(account: Account) -> None:
    bob = add_person("bob").id
    make("secret", "private", account.id, topic="Plans")
    found = rooms.find(Member(account.id), "secret")
    assert (found.name, found.topic, found.member) == ("Secret", "Plans", True)
    with pytest.raises(NotFound):
        rooms.find(Member(bob), "secret")


def test_an_open_room_is_found_by_who_is_not_in_it(account: Account) -> None:
    make("garden", "open")
    found = rooms.find(Member(account.id), "garden")
    assert (found.kind, found.member) == ("open", False)
    assert found.place.page == "/rooms/garden"


def test_a_deleted_room_is_found_by_nobody(account: Account) -> None:
    make("gone", "open", account.id, deleted_at=clock.now())
    with pytest.raises(NotFound):
        rooms.find(Member(account.id), "gone")


def test_ones_own_rooms_come_first_room_first_and_direct_messages_last(account: Account) -> None:
    bob, charlie = add_person("bob").id, add_person("charlie").id
    make("zoo", "open", account.id)
    make("attic", "private", account.id)
    make("garden", "open", bob)
    make("talk", "direct", account.id, bob, charlie, direct_key=f"{account.id} {bob} {charlie}")
    found = rooms.mine(Member(account.id))
    assert [each.name for each in found if not each.first] == ["Attic", "Zoo", "bob, charlie"]
    assert [each.id for each in found[-1].others] == [bob, charlie]


def test_a_direct_message_is_called_otherwise_by_each(account: Account) -> None:
    bob = add_person("bob").id
    make("talk", "direct", account.id, bob, direct_key=rooms.direct_key([bob, account.id]))
    assert rooms.find(Member(bob), "talk").name == account.username
