"""What others do between two reads of a request is as if it came before them, or after."""

from bisect import bisect_left
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.access.visible import EVERYONE, Member
from service.accounts.accounts import Account
from service.base.errors import NotFound
from service.data.tables import BOARD
from service.messages import around, changing, messages, writing
from service.pins import pins
from service.rooms.places import BOARD_PLACE
from service.threads import threads
from tests.rooms import add_room
from tests.rooms.making import change
from tests.streams import LOG


def meanwhile(act: Callable[[], object]) -> None:
    """Do what another does, in a connection of their own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


def once_after(
    monkeypatch: pytest.MonkeyPatch, of: object, name: str, act: Callable[[], object]
) -> None:
    """Let something happen once a function has been called for the first time."""
    called, left = getattr(of, name), [act]

    def then(*args: Any, **more: Any) -> Any:
        found = called(*args, **more)
        while left:
            left.pop()()
        return found

    monkeypatch.setattr(of, name, then)


def test_a_message_of_a_room_that_one_has_just_lost_is_not_there(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = add_room("garden", "open")
    said = writing.post(account.id, "Hello", place=place)
    writing.delete(Member(account.id), said.id, place.id)
    once_after(monkeypatch, changing, "own", lambda: change(place, kind="private"))
    with pytest.raises(NotFound):
        writing.delete(Member(account.id), said.id, place.id)


def test_a_list_of_pins_is_that_of_one_moment(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, me = add_room("garden", "open"), Member(account.id)
    said = writing.post(account.id, "Hello", place=place)
    pins.pin(me, said.id, place.id)
    views = messages.views

    def late(*asked: Any) -> Any:
        meanwhile(lambda: change(place, kind="private"))
        return views(*asked)

    monkeypatch.setattr(messages, "views", late)
    assert [each.text for each in pins.of_room(me, place.id)] == ["Hello"]
    assert pins.of_room(me, place.id) == []


def test_a_day_is_looked_for_in_the_messages_of_one_moment(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, said = Member(account.id), writing.post(account.id, "Hello")

    def looked_up(*asked: Any, **more: Any) -> int:
        meanwhile(lambda: writing.delete(me, said.id))
        return bisect_left(*asked, **more)

    monkeypatch.setattr(around, "bisect_left", looked_up)
    spot = around.first_since(me, said.timestamp, BOARD_PLACE)
    assert spot
    assert spot.id == said.id


def test_what_becomes_of_a_root_while_its_thread_is_read_is_told_after(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, said = Member(account.id), writing.post(account.id, "Lunch?")
    once_after(monkeypatch, messages, "views", lambda: writing.edit(me, said.id, "Dinner?"))
    found = threads.find(me, said.id, BOARD)
    changes = LOG.after(EVERYONE, found.replies.cursor).changes
    assert found.root.text == "Lunch?"
    assert [each.view.text for each in changes] == ["Dinner?"]
