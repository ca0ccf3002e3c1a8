"""Pins: who puts them up, where they are seen, and where there can be none."""

import io
import json
from collections import deque
from typing import Any
from zipfile import ZipFile

import pytest

from service.access.audit import OPERATOR
from service.access.visible import Member
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import BOARD, Event, Message, Room
from service.messages import writing
from service.people import forgetting, people
from service.pins import pins
from service.rooms import told
from tests.people import HTMX, PAGE, PROGRAM, Person, SignIn, listed, post

MARK = "<span>Pinned by bob</span>"


def pin(person: Person, number: int, *, off: bool = False, room: str = "") -> Any:
    path = f"/api{room}/message/{number}/pin{'/removal' if off else ''}"
    return person.post(path, headers=PROGRAM)


def pinned(person: Person) -> list[str]:
    answer = person.get("/api/pins", headers=PROGRAM).json()
    return [message["text"] for message in answer["messages"]]


def exported(person: Person) -> list[tuple[str, int]]:
    answer = person.post("/api/account/export", headers=PAGE)
    rows = json.loads(ZipFile(io.BytesIO(answer.content)).read("pins.json"))
    return [(row["room"], row["id"]) for row in rows]


def id_of(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


def test_a_pin_is_on_its_message_for_all_callers(alice: Person, bob: Person) -> None:
    number, other = post(alice, "One")["id"], post(alice, "Two")["id"]
    answer = pin(bob, number)
    assert (answer.status_code, answer.json()["pinned"]["by"]) == (200, "bob")
    found = {each["id"]: each["pinned"] for each in listed(alice)["messages"]}
    assert found == {number: answer.json()["pinned"], other: None}
    page = alice.get("/msgs", headers=PAGE).text
    assert page.count(MARK) == 1
    assert page.count(f'action="/api/message/{number}/pin/removal"') == 1
    assert page.count(f'action="/api/message/{other}/pin"') == 1
    fragment = alice.post(f"/api/message/{number}/pin", headers=HTMX | PAGE).text
    assert fragment.startswith(f'<hx-partial hx-target="#m-{number}"')
    assert MARK in fragment
    by_form = alice.post(f"/api/message/{number}/pin/removal", headers=PAGE)
    assert (by_form.status_code, by_form.headers["location"]) == (303, f"/msgs/{number}")
    assert MARK not in alice.get("/msgs", headers=PAGE).text


def test_the_rooms_page_has_them_beside_its_messages(alice: Person, bob: Person) -> None:
    number, other = post(alice, "One")["id"], post(alice, "Two")["id"]
    assert "Nothing is pinned here" in alice.get("/msgs/pins", headers=PAGE).text
    pin(bob, number)
    page = alice.get("/msgs/pins", headers=PAGE).text
    listing = page[page.index('<aside id="pane"') :]
    assert f'data-shows="m-{number}"' in listing
    assert f'data-shows="m-{other}"' not in listing
    assert f'href="/msgs/{number}">Show in the room' in listing
    assert f'id="m-{other}"' in page
    fragment = alice.get("/msgs/pins", headers=HTMX | PAGE).text
    assert fragment.strip().startswith('<aside id="pane"')
    assert MARK in fragment
    assert 'href="/msgs/pins"' in alice.get("/rooms/board/details", headers=PAGE).text


def test_who_pinned_has_the_name_that_others_see(alice: Person, bob: Person) -> None:
    bob.post("/api/account/name", json={"display_name": "Bob the <b>"})
    pin(bob, post(alice, "One")["id"])
    assert "Pinned by Bob the &lt;b&gt;</span>" in alice.get("/msgs", headers=PAGE).text


def test_pinned_ten_times_is_once_and_outlives_an_edit(alice: Person, bob: Person) -> None:
    """Pages ignore copies that are not newer than theirs."""
    first = post(alice, "One")
    seen = {pin(person, first["id"]).json()["seq"] for person in [bob, alice] * 5}
    assert seen == {first["seq"] + 1}
    edited = alice.post(f"/api/message/{first['id']}/edit", json={"message": "One, edited"}).json()
    assert (edited["pinned"]["by"], edited["seq"]) == ("bob", first["seq"] + 2)
    gone = [pin(alice, first["id"], off=True).json() for _ in range(3)]
    assert {each["seq"] for each in gone} == {first["seq"] + 3}
    assert gone[0]["pinned"] is None
    with db.read():
        assert [row.kind for row in Event.select()].count("pinned") == 2


def test_open_pages_and_programs_hear_of_it_in_order(alice: Person, bob: Person) -> None:
    start = listed(alice)["cursor"]
    number = post(alice, "One")["id"]
    pin(bob, number)
    post(alice, "Two")
    events = alice.get("/api/messages", params={"after": start}).json()["events"]
    assert [(each["kind"], bool(each["message"]["pinned"])) for each in events] == [
        ("posted", True),  # as it is now
        ("pinned", True),
        ("posted", False),
    ]


def test_the_one_pinned_last_is_listed_first_and_what_is_deleted_is_not(
    alice: Person, bob: Person, moderator: Person
) -> None:
    numbers = [post(alice, text)["id"] for text in ("One", "Two", "Three", "Four", "Five")]
    for number in (numbers[1], numbers[0], numbers[2], numbers[3]):
        pin(bob, number)
    assert pinned(alice) == ["Four", "Three", "One", "Two"]
    pin(alice, numbers[0], off=True)
    for person, number in ((alice, numbers[1]), (moderator, numbers[3])):
        assert person.post(f"/api/message/{number}/deletion", headers=PROGRAM).status_code == 200
    assert pinned(alice) == ["Three"]
    assert exported(bob) == [("board", numbers[2])]
    assert alice.get("/msgs", headers=PAGE).text.count(MARK) == 1
    with db.read():
        assert Message.select().where(Message.pinned_at.is_null(False)).count() == 1


def test_what_is_not_there_cannot_be_pinned(alice: Person, bob: Person) -> None:
    assert pin(bob, 1).status_code == 404
    number = post(alice, "One")["id"]
    writing.delete(Member(id_of("alice")), number)
    assert (pin(bob, number).status_code, pin(bob, number, off=True).status_code) == (404, 404)
    with db.write():
        told.tell(BOARD, id_of("alice"), "Alice renamed the room")
    assert pin(bob, number + 1).status_code == 404  # told by the board itself


def test_in_a_room_that_is_archived_or_that_one_does_not_see_nobody_pins(
    alice: Person, bob: Person
) -> None:
    number, other = post(alice, "One")["id"], post(alice, "Two")["id"]
    pin(bob, number)
    with db.write():
        Room.create(slug="secret", kind="private", name="Secret")
        Room.update(archived_at=clock.now()).where(Room.slug == "board").execute()
    for path in ("message/1/pin", "message/1/pin/removal"):
        unseen, nowhere = (
            bob.post(f"/api/rooms/{slug}/{path}", headers=PROGRAM) for slug in ("secret", "nil")
        )
        assert (unseen.status_code, nowhere.status_code) == (404, 404)
    unseen, nowhere = (bob.get(f"/api/rooms/{slug}/pins") for slug in ("secret", "nil"))
    assert (unseen.status_code, nowhere.status_code) == (404, 404)
    for refused in (pin(bob, other), pin(bob, number, off=True)):
        assert refused.status_code == 409
        assert "archived" in refused.json()["detail"]
    assert pinned(alice) == ["One"]  # which can still be read


def test_a_room_has_so_many_pins_and_no_more(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MOST", 2)
    first, second, third = (post(alice, text)["id"] for text in ("One", "Two", "Three"))
    assert [pin(bob, each).status_code for each in (first, second, third)] == [200, 200, 409]
    assert "2 pinned messages" in pin(bob, third).json()["detail"]
    assert pinned(alice) == ["Two", "One"]
    assert alice.post(f"/api/message/{first}/deletion", headers=PROGRAM).status_code == 200
    assert pin(bob, third).status_code == 200


def test_a_guest_sees_them_and_puts_none_up(alice: Person, sign_in: SignIn) -> None:
    guest = sign_in("gus", role="guest")
    number = post(alice, "One")["id"]
    pin(alice, number)
    assert (pin(guest, number).status_code, pin(guest, number, off=True).status_code) == (403, 403)
    assert pinned(guest) == ["One"]
    page = guest.get("/msgs", headers=PAGE).text
    assert "Pinned by alice" in page
    assert "/pin/removal" not in page


def test_a_pin_outlives_the_account_that_put_it_up(alice: Person, bob: Person) -> None:
    pin(bob, post(alice, "One")["id"])
    people.delete(OPERATOR, id_of("bob"), "keep")
    deque(forgetting.batches(), maxlen=0)
    (message,) = listed(alice)["messages"]
    assert message["pinned"]["at"]
    assert "<span>Pinned" in alice.get("/msgs", headers=PAGE).text
