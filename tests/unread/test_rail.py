"""The rail, beside every page, on a page of its own, and for programs."""

import re

import pytest

from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.unread.marks import Marks
from tests.people import HTMX, PAGE, PROGRAM, Person, add_person, no_database
from tests.rooms.making import change
from tests.unread.made import room, say

PAGES = ("/msgs", "/account", "/docs", "/rooms", "/msgs?q=word")


def user(name: str) -> int:
    found = accounts.find(name)
    assert found
    return found.id


def rail(page: str) -> str:
    found = re.search(r'<nav id="rail".*?</nav>', page, re.DOTALL)
    assert found
    return found[0]


def items(page: str) -> dict[str, str]:
    """Return what stands at each room in the words of a reader, by its address."""
    found = re.findall(r'<a class="rail-item[^"]*" href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {href: " ".join(re.sub("<[^>]+>", " ", words).split()) for href, words in found}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_ones_rooms_beside_it(alice: Person, bob: Person, path: str) -> None:
    me, other = user("alice"), user("bob")
    room("garden", me)
    room("attic", me, kind="private")
    room("talk", me, other, kind="direct")
    room("cellar", other, kind="private")
    shown = items(rail(alice.get(path, headers=PAGE).text))
    assert shown["/rooms/garden"].endswith("Garden")
    assert shown["/rooms/attic"].endswith("Attic , private")
    assert shown["/rooms/talk"].endswith("bob")
    assert "/rooms/cellar" not in shown


def test_it_says_what_is_unread_and_no_longer_what_was_read(alice: Person, bob: Person) -> None:
    me, other = user("alice"), user("bob")
    garden, talk = room("garden", me, other), room("talk", me, other, kind="direct")
    say(other, garden), say(other, talk)
    shown = items(rail(alice.get("/msgs", headers=PAGE).text))
    assert (shown["/rooms/garden"], shown["/rooms/talk"]) == (
        "Garden , unread",
        "B bob , 1 to read",
    )
    marks = Marks()
    for slug in ("garden", "talk"):
        marks.read(Member(me), slug, 1)
    marks.store()
    shown = items(rail(alice.get("/msgs", headers=PAGE).text))
    assert (shown["/rooms/garden"], shown["/rooms/talk"]) == ("Garden", "B bob")


def test_a_kept_page_is_each_readers_own_compressed_or_not(alice: Person, bob: Person) -> None:
    room("attic", user("alice"), kind="private")
    for person, expected in ((alice, True), (bob, False), (alice, True)):
        for encoding in ("gzip", "identity"):
            page = person.get("/msgs", headers=PAGE | {"accept-encoding": encoding}).text
            assert ("/rooms/attic" in items(rail(page))) is expected


def test_names_are_text(alice: Person) -> None:
    room("<b>x</b>&amp;", user("alice"))
    assert "<b>x" not in alice.get("/msgs", headers=PAGE).text.lower()


def test_the_room_of_the_page_is_marked(alice: Person) -> None:
    room("garden", user("alice"))
    page = rail(alice.get("/msgs", headers=PAGE).text)
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == ["/msgs"]
    part = alice.get("/rooms/rail?path=/rooms/garden", headers=HTMX).text
    assert re.findall(r'href="([^"]+)" aria-current="page"', part) == ["/rooms/garden"]
    assert "<html" not in part


def test_a_failure_needs_no_database_for_its_page(alice: Person) -> None:
    page = alice.get("/msgs/7/edit", headers=PAGE).text
    assert "/rooms" in rail(page)
    with no_database():
        assert "/rooms" in rail(alice.get("/account", headers=PAGE).text)


def test_who_lacks_the_second_factor_sees_no_rooms(
    alice: Person, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    room("attic", user("ada"), kind="private")
    assert admin.post("/api/admin/options", data={"second_factor": "admins"}).status_code < 400
    assert "attic" not in admin.get("/account/second", headers=PAGE).text


def test_programs_get_the_same(alice: Person, bob: Person) -> None:
    me, other = user("alice"), user("bob")
    say(other, room("garden", me, other))
    listed = alice.get("/rooms", headers=PROGRAM).json()["rooms"]
    found = {each["slug"]: each for each in listed}
    assert found["garden"] == {
        "slug": "garden",
        "kind": "open",
        "name": "Garden",
        "unread": True,
        "count": 0,
    }
    assert listed[0]["slug"] == "board"


def test_rooms_and_people_are_found_by_the_beginnings_of_words(alice: Person) -> None:
    room("rose garden", user("alice"))
    for name in ("Gary", "Marga", "Zoe"):
        add_person(name)
    page = alice.get("/rooms?q=GAR", headers=PAGE).text
    main = items(page.split("<main")[1])
    assert any("garden" in words for words in main.values())
    assert [words for href, words in main.items() if "/direct/" in href] == ["G Gary"]
    assert "No room and nobody" in alice.get("/rooms?q=xyz%25_", headers=PAGE).text


def test_open_rooms_that_one_has_not_joined_are_found_and_none_of_others(
    alice: Person, bob: Person
) -> None:
    for kind in ("open", "private"):
        room(f"garden {kind}", user("bob"), kind=kind)
    change(room("old garden", user("bob")), archived_at=clock.now())
    for headers in (PAGE, HTMX):
        found = alice.get("/rooms?q=gar", headers=headers).text
        others, _, archived = found.partition("Other open rooms</h2>")[2].partition("Archived</h2>")
        assert items(others) == {"/rooms/garden open": "Garden open"}
        assert items(archived).keys() == {"/rooms/old garden"}
        assert "garden private" not in found
    assert "Other open rooms" in alice.get("/rooms?q=open", headers=PAGE).text
    assert "Garden" not in alice.get("/rooms", headers=PAGE).text
    assert "Other open rooms" not in bob.get("/rooms?q=gar", headers=PAGE).text


def test_an_archived_room_leaves_the_rail_and_is_found_below_it(alice: Person, bob: Person) -> None:
    for name, members in (("attic", [user("alice")]), ("cellar", [user("bob")])):
        change(room(name, *members, kind="private"), archived_at=clock.now())
    page = alice.get("/rooms", headers=PAGE).text
    assert "/rooms/attic" not in items(rail(page))
    archived = items(page.split("Archived</h2>")[1])
    assert archived["/rooms/attic"] == "Attic , private"
    assert "/rooms/cellar" not in archived
    assert "/rooms/attic" in items(alice.get("/rooms?q=att", headers=PAGE).text)
    assert "Archived</h2>" not in alice.get("/rooms?q=garden", headers=PAGE).text


@pytest.mark.parametrize("path", ["/rooms", "/rooms/rail"])
def test_a_visitor_sees_no_rooms(visitor: Person, path: str) -> None:
    room("garden")
    assert "garden" not in visitor.get(path).text
