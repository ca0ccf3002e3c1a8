"""Signing in: each kind of caller, what is refused, and the time zone."""

import pytest

from service.access import tokens
from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.data.tables import User
from service.people import people
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PASSWORD,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    add_person,
    is_signed_in,
    log_in,
)

FIELDS = {"username": "alice", "password": PASSWORD}


@pytest.mark.parametrize("caller", ["htmx", "form", "program"])
def test_each_kind_of_caller_signs_in(
    account: accounts.Account, visitor: Person, caller: str
) -> None:
    if caller == "program":
        answer = visitor.post("/api/login", json={**FIELDS, "user_timezone": "Asia/Tokyo"})
        assert answer.json() == {"username": "alice", "user_timezone": "Asia/Tokyo"}
        assert answer.status_code == 200
    elif caller == "htmx":
        answer = visitor.post("/api/login", data=FIELDS, headers=HTMX)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/msgs")
    else:
        answer = visitor.post("/api/login", data=FIELDS, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert is_signed_in(visitor)


@ONE_DATABASE
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("came_from", "cookies", "told"),
    [
        ("http://board.test/", {}, True),
        ("http://board.test/api/login", {}, True),  # after a wrong password
        ("http://board.test/join", {}, True),
        ("http://board.test/", {"another": "cookie"}, False),
        ("http://board.test/nowhere", {}, False),
        ("http://elsewhere.test/", {}, False),
        ("http://[", {}, False),
    ],
)
def test_a_browser_that_keeps_no_cookies_is_told_so(
    visitor: Person, came_from: str, cookies: dict[str, str], told: bool
) -> None:
    visitor.cookies.update(cookies)
    headers = PAGE | {"referer": came_from}
    arrived = visitor.get("/msgs", headers=headers, follow_redirects=True)
    assert arrived.status_code == 200
    assert ("Your browser keeps no cookies" in arrived.text) is told


@pytest.mark.parametrize("caller", [HTMX, PAGE, PROGRAM], ids=["htmx", "form", "program"])
@pytest.mark.parametrize(
    "fields", [{"password": "not-my-password"}, {"username": "nobody"}], ids=["password", "name"]
)
def test_a_wrong_password_or_name_gets_the_same_answer(
    account: accounts.Account, visitor: Person, fields: dict[str, str], caller: dict[str, str]
) -> None:
    fields = FIELDS | fields
    answer = visitor.post("/api/login", data=fields, headers=caller)
    assert answer.status_code == 401
    assert "The username or the password is wrong." in answer.text
    assert "set-cookie" not in answer.headers
    assert fields["password"] not in answer.text
    if caller is not PROGRAM:
        assert f'value="{fields["username"]}"' in answer.text


@ONE_DATABASE
@pytest.mark.parametrize("caller", [HTMX, PAGE, PROGRAM], ids=["htmx", "form", "program"])
def test_missing_and_long_fields_come_back_with_the_form(
    visitor: Person, caller: dict[str, str]
) -> None:
    for fields, faulty in (
        ({}, {"username", "password"}),
        ({"username": "alice"}, {"password"}),
        ({"username": "  ", "password": "x"}, {"username"}),
        ({"username": "a" * 51, "password": "x"}, {"username"}),
        ({"username": "alice", "password": "x" * 101}, {"password"}),
    ):
        answer = visitor.post("/api/login", data=fields, headers=caller)
        assert answer.status_code == 422
        if caller is PROGRAM:
            assert answer.headers["content-type"] == PROBLEM
            assert set(answer.json()["errors"]) == faulty
            continue
        assert f'value="{fields.get("username", "")}"' in answer.text
        shown = {name for name in ("username", "password") if f'id="{name}-error"' in answer.text}
        assert shown == faulty
        assert answer.text.startswith("<!doctype html>") == (caller is PAGE)


def test_an_unknown_or_disabled_name_costs_as_much_as_a_wrong_password(
    account: accounts.Account, visitor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = tokens._hasher.verify
    monkeypatch.setattr(
        tokens._hasher,
        "verify",
        lambda password, hash: verified.append(hash) or verify(password, hash),
    )
    people.disable(OPERATOR, add_person("dora").id)
    for name, status in (("alice", 200), ("nobody", 401), ("dora", 401)):
        assert log_in(visitor, name).status_code == status
    assert verified == [account.password_hash, tokens.NO_PASSWORD, tokens.NO_PASSWORD]
    # Its cost is that of a real one.
    assert tokens.NO_PASSWORD.split("$")[:4] == account.password_hash.split("$")[:4]


def test_the_first_page_sends_who_is_signed_in_to_the_board(
    sign_in: SignIn, visitor: Person
) -> None:
    answer = sign_in("alice").get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert visitor.get("/", headers=PAGE).status_code == 200


def test_an_unknown_zone_falls_back_to_the_stored_one_then_utc(
    account: accounts.Account, visitor: Person
) -> None:
    for given, taken in (
        ("Mars/Olympus", "UTC"),
        ("", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("../../etc/passwd", "Europe/Berlin"),
        ("x" * 5000, "Europe/Berlin"),
        ("localtime", "Europe/Berlin"),
    ):
        answer = log_in(visitor, "alice", user_timezone=given)
        assert answer.json()["user_timezone"] == taken
        assert accounts.get(account.id).zone == taken
    with db.write():
        User.update(zone="Gone/Away").execute()
    assert log_in(visitor, "alice").json()["user_timezone"] == "UTC"
