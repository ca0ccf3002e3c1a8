"""The account page: sessions, the time zone, notices."""

import re

import pytest
from starlette.testclient import TestClient

from tests.people import (
    HTMX,
    PAGE,
    PROGRAM,
    Person,
    SignIn,
    is_signed_in,
    listed,
    log_in,
    new_client,
)


def session_of(person: Person, name: str) -> str:
    """Return the id of the only session the page offers `name` to end."""
    page = person.get("/account", headers=PAGE).text
    (found,) = re.findall(r'action="/api/account/sessions/(\w+)/end"', page)
    return found


def test_the_account_page_shows_zone_and_sessions(sign_in: SignIn, app_client: TestClient) -> None:
    alice = sign_in("alice", zone="Europe/Berlin")
    phone = new_client(app_client)
    phone.headers["user-agent"] = "Mozilla/5.0 (iPhone) <b>CriOS/1</b>"
    log_in(phone, "alice", user_timezone="Asia/Tokyo")
    sign_in("bob")
    page = alice.get("/account", headers=PAGE).text
    assert "<option selected>Europe/Berlin</option>" in page
    assert len(re.findall(r'action="/api/account/sessions/\w+/end"', page)) == 2
    assert "Chrome on iPhone" in page
    assert page.count("<strong>now</strong>") == page.count("last used ") == 1
    assert "from 192.0.2.1, since " in page


def test_alice_ends_one_of_her_sessions(sign_in: SignIn) -> None:
    phone = sign_in("alice")
    there = session_of(phone, "alice")
    alice = sign_in("alice")
    answer = alice.post(f"/api/account/sessions/{there}/end", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=session")
    assert [is_signed_in(person) for person in (alice, phone)] == [True, False]
    again = alice.post(f"/api/account/sessions/{there}/end", headers=PROGRAM)
    assert again.status_code == 404


def test_somebody_elses_session_does_not_exist(alice: Person, charlie: Person) -> None:
    for id in (session_of(alice, "alice"), "unknown", "%00", "x" * 5000):
        answer = charlie.post(f"/api/account/sessions/{id}/end", headers=PROGRAM)
        assert answer.status_code == 404, id
    assert is_signed_in(alice)


@pytest.mark.parametrize("caller", [HTMX, PAGE, PROGRAM], ids=["htmx", "form", "program"])
def test_ending_the_session_one_is_in_signs_out(sign_in: SignIn, caller: dict[str, str]) -> None:
    alice, phone = sign_in("alice"), sign_in("bob")
    answer = alice.post(f"/api/account/sessions/{session_of(alice, 'alice')}/end", headers=caller)
    assert answer.headers.get("location", "/") == "/"
    assert answer.headers.get("hx-redirect", "/") == "/"
    assert answer.status_code == (303 if caller is PAGE else 200)
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert [is_signed_in(person) for person in (alice, phone)] == [False, True]


def test_alice_signs_out_everywhere(sign_in: SignIn) -> None:
    alice, phone, bob = sign_in("alice"), sign_in("alice"), sign_in("bob")
    answer = alice.post("/api/account/sessions/end", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert [is_signed_in(person) for person in (alice, phone, bob)] == [False, False, True]


def test_alice_moves_to_another_zone(sign_in: SignIn, visitor: Person) -> None:
    alice = sign_in("alice", zone="Europe/Berlin")
    fields = {"user_timezone": "Asia/Tokyo"}
    answer = alice.post("/api/account/timezone", data=fields, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=timezone")
    page = alice.get("/account?done=timezone", headers=PAGE).text
    assert "Your time zone is set." in page
    assert "<option selected>Asia/Tokyo</option>" in page
    assert 'data-zone="Asia/Tokyo"' in alice.get("/msgs", headers=PAGE).text
    assert log_in(visitor, "alice").json()["user_timezone"] == "Asia/Tokyo"


def test_a_new_zone_changes_no_other_device(sign_in: SignIn) -> None:
    alice, phone = sign_in("alice", zone="Europe/Berlin"), sign_in("alice", zone="Asia/Tokyo")
    alice.post("/api/account/timezone", json={"user_timezone": "America/Lima"})
    assert 'data-zone="Asia/Tokyo"' in phone.get("/msgs", headers=PAGE).text


def test_an_unknown_zone_is_refused_on_the_account_page(sign_in: SignIn) -> None:
    alice = sign_in("alice", zone="Europe/Berlin")
    for zone in ("", "Mars/Olympus", "europe/berlin ", "../UTC", "x" * 5000):
        answer = alice.post("/api/account/timezone", json={"user_timezone": zone})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["user_timezone"])
    page = alice.post("/api/account/timezone", data={"user_timezone": "Mars"}, headers=PAGE)
    assert page.status_code == 422
    assert 'id="user_timezone-error"' in page.text
    assert "<option selected>Europe/Berlin</option>" in page.text
    assert listed(alice)["messages"] == []


def test_a_notice_from_the_address_is_shown_only_if_the_board_has_it(sign_in: SignIn) -> None:
    page = sign_in("alice").get("/account?done=You+won", headers=PAGE).text
    assert "You won" not in page
