"""The line where somebody stopped reading, in the page that is theirs."""

import re

import pytest

from service.accounts import accounts
from service.messages import messages
from service.rooms.places import BOARD_PLACE, Place
from tests.people import HTMX, PAGE, PROGRAM, Person
from tests.unread.made import room, say

ITEM = re.compile(r'<li id="m-(\d+)"(.*?)</li>', re.DOTALL)


def user(name: str) -> int:
    found = accounts.find(name)
    assert found
    return found.id


def lines(page: str) -> dict[int, str]:
    """Return the lines of a page by the numbers of their messages: the words, and where."""
    found = {}
    for number, item in ITEM.findall(page):
        if line := re.search(r'class="since"[^>]*><span>([^<]+)</span>', item):
            place = "above" if line.start() < item.index("<article") else "below"
            found[int(number)] = re.sub(r"\d\d:\d\d", "14:05", line[1]) + f", {place}"
    return found


def shown(person: Person, place: Place = BOARD_PLACE, encoding: str = "gzip") -> dict[int, str]:
    return lines(person.get(place.page, headers=PAGE | {"accept-encoding": encoding}).text)


def read(person: Person, number: int, place: Place = BOARD_PLACE) -> None:
    assert person.post(f"{place.api}/read", json={"number": number}).is_success


@pytest.mark.parametrize("slug", ["board", "garden"])
def test_it_stands_above_the_first_message_that_is_new(
    alice: Person, bob: Person, slug: str
) -> None:
    place = room("garden", user("alice"), user("bob")) if slug == "garden" else BOARD_PLACE
    numbers = [say(user("bob"), place).id for _ in range(3)]
    read(alice, numbers[0], place)
    assert shown(alice, place) == {numbers[1]: "New since 14:05, above"}
    read(alice, numbers[2], place)
    assert shown(alice, place) == {}


def test_it_is_each_readers_own_and_of_nobody_who_wrote_it(
    alice: Person, bob: Person, charlie: Person
) -> None:
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(3)]
    read(alice, numbers[0])
    read(charlie, numbers[1])
    expected = ((alice, {numbers[1]}), (bob, set()), (charlie, {numbers[2]}), (alice, {numbers[1]}))
    for person, where in expected:
        for encoding in ("gzip", "identity"):
            assert set(shown(person, encoding=encoding)) == where


def test_what_one_wrote_oneself_and_what_was_deleted_is_not_new(alice: Person, bob: Person) -> None:
    read(alice, say(user("bob"), BOARD_PLACE).id)
    say(user("alice"), BOARD_PLACE)
    assert shown(alice) == {}
    gone, there = (say(user("bob"), BOARD_PLACE).id for _ in range(2))
    assert bob.post(f"/api/message/{gone}/deletion", headers=PROGRAM).is_success
    assert set(shown(alice)) == {there}


def test_its_message_stands_under_a_head_of_its_own(alice: Person, bob: Person) -> None:
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(3)]
    read(alice, numbers[0])
    page = alice.get("/msgs", headers=PAGE).text
    follows = [int(number) for number, item in ITEM.findall(page) if "data-follows" in item]
    assert follows == [numbers[2]]


def test_where_the_newest_are_first_it_is_below_them(alice: Person, bob: Person) -> None:
    assert alice.post("/api/account/look", json={"order": "newest"}).is_success
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(4)]
    read(alice, numbers[1])
    page = alice.get("/msgs", headers=PAGE).text
    assert lines(page) == {numbers[2]: "New since 14:05, below"}
    follows = [int(number) for number, item in ITEM.findall(page) if "data-follows" in item]
    assert follows == [numbers[2], numbers[0]]
    assert 'id="new"' not in page  # it opens at its top


def test_more_than_a_page_is_new_from_its_beginning_on(alice: Person, bob: Person) -> None:
    first, *others = (say(user("bob"), BOARD_PLACE).id for _ in range(messages.PAGE_SIZE + 2))
    read(alice, first)
    assert shown(alice) == {others[1]: "All of these are new, above"}


def test_a_part_of_a_page_an_older_one_and_a_search_have_none(alice: Person, bob: Person) -> None:
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(2)]
    for path in ("/msgs?q=hello", f"/msgs?before={numbers[1]}"):
        page = alice.get(path, headers=PAGE).text
        assert ITEM.search(page)
        assert lines(page) == {}
    assert lines(alice.get("/msgs", headers=HTMX).text) == {}
    assert shown(alice)


def test_marked_as_unread_it_begins_there_again(alice: Person, bob: Person) -> None:
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(3)]
    read(alice, numbers[2])
    assert alice.post(f"/api/message/{numbers[1]}/unread", headers=PROGRAM).is_success
    assert set(shown(alice)) == {numbers[1]}


def test_who_only_looks_into_an_open_room_has_none(alice: Person, bob: Person) -> None:
    garden = room("garden", user("bob"))
    say(user("bob"), garden)
    assert shown(alice, garden) == {}
