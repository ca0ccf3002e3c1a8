"""How far a room was read is told by the pages that show it, and by people."""

import re

import pytest
from starlette.testclient import TestClient

from service.accounts import accounts
from service.app import create_app
from service.base.config import Settings
from service.data import db
from service.rooms.places import BOARD_PLACE
from tests.people import HTMX, PAGE, PROGRAM, Person, bearer
from tests.unread.made import room, say, seat


def user(name: str) -> int:
    found = accounts.find(name)
    assert found
    return found.id


@pytest.mark.parametrize("slug", ["board", "garden"])
def test_a_page_marks_its_room_as_read_and_gets_its_rail(
    alice: Person, bob: Person, slug: str
) -> None:
    place = room("garden", user("alice"), user("bob")) if slug == "garden" else BOARD_PLACE
    number = say(user("bob"), place).id
    assert "rail-dot" in alice.get("/rooms/rail", headers=HTMX).text
    part = alice.post(f"{place.api}/read", data={"number": number}, headers=HTMX)
    assert part.status_code == 200
    assert "rail-dot" not in part.text
    assert "rail-dot" not in alice.get("/rooms/rail", headers=HTMX).text


def test_without_a_script_a_button_marks_it(alice: Person, bob: Person) -> None:
    say(user("bob"), BOARD_PLACE)
    page = alice.get("/msgs", headers=PAGE).text
    assert "rail-dot" in page
    form = re.search(r'<noscript>.*?action="([^"]+)".*?value="(\d+)"', page, re.DOTALL)
    assert form
    answer = alice.post(form[1], data={"number": form[2]}, headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert "rail-dot" not in alice.get("/msgs", headers=PAGE).text


def test_from_a_message_on_it_is_unread_again(alice: Person, bob: Person) -> None:
    numbers = [say(user("bob"), BOARD_PLACE).id for _ in range(2)]
    alice.post("/api/read", json={"number": numbers[1]})
    answer = alice.post(f"/api/message/{numbers[1]}/unread", headers=PROGRAM)
    assert [each["unread"] for each in answer.json()["rooms"] if each["slug"] == "board"] == [True]
    assert seat(user("alice"), BOARD_PLACE).read == numbers[0]


def test_what_is_unread_from_a_later_message_on_stays_as_it_was(alice: Person, bob: Person) -> None:
    number = say(user("bob"), BOARD_PLACE).id
    answer = alice.post("/api/message/999999999/unread", headers=PROGRAM)
    assert [each["unread"] for each in answer.json()["rooms"] if each["slug"] == "board"] == [True]
    alice.post("/api/read", json={"number": number})
    alice.post("/api/message/999999999/unread", headers=PROGRAM)
    assert seat(user("alice"), BOARD_PLACE).read == number


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5"])
def test_a_number_that_is_none_is_refused(alice: Person, number: str) -> None:
    answer = alice.post("/api/read", data={"number": number}, headers=PROGRAM)
    assert answer.status_code == 422


def test_a_strangers_room_is_not_there(alice: Person, bob: Person) -> None:
    room("attic", user("bob"), kind="private")
    absent = alice.post("/api/rooms/nothing/read", data={"number": "1"}, headers=PROGRAM)
    for path in ("read", "message/1/unread"):
        answer = alice.post(f"/api/rooms/attic/{path}", data={"number": "1"}, headers=PROGRAM)
        assert (answer.status_code, answer.json()["detail"]) == (404, absent.json()["detail"])


def test_what_is_not_stored_yet_is_stored_when_the_board_stops(
    settings: Settings, account: accounts.Account, other_account: accounts.Account
) -> None:
    number = say(other_account.id, BOARD_PLACE).id
    with TestClient(create_app(settings), base_url="http://board.test") as client:
        program = client.post("/api/read", json={"number": number}, headers=bearer(account, "read"))
        assert program.status_code == 200
    db.open_database(settings.database_url)
    assert seat(account.id, BOARD_PLACE).read == number
