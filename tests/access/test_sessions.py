"""Sessions: signing in and out, cookies, tokens, and what renews or ends them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.testclient import TestClient

from service.access import ended, session_cookie, sessions, tokens
from service.access.audit import OPERATOR
from service.accounts import accounts
from service.app import create_app
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.data.tables import Session, User
from service.people import people
from tests.people import (
    HTMX,
    PAGE,
    PASSWORD,
    PROBLEM,
    PROGRAM,
    Person,
    SignIn,
    add_person,
    is_signed_in,
    log_in,
    new_client,
    token,
)

FIELDS = {"username": "alice", "password": PASSWORD}
KEY = secrets.token_urlsafe(48)
NAME = session_cookie.name(tokens.Signer((KEY,)), "http")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, secret_keys=(KEY,))


def end_elsewhere() -> None:
    """End every session as another process would."""
    with db.write():
        Session.update(ended_at=clock.now()).execute()


# Signing in.


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


def test_passwords_are_hashed_with_argon2id_at_the_documented_cost() -> None:
    assert tokens.NO_PASSWORD.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_first_page_sends_who_is_signed_in_to_the_board(
    sign_in: SignIn, visitor: Person
) -> None:
    answer = sign_in("alice").get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/msgs")
    assert visitor.get("/", headers=PAGE).status_code == 200


# The zone.


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


# The cookie.


def test_over_http_the_cookie_is_lax_and_closed_to_scripts(
    account: accounts.Account, visitor: Person
) -> None:
    name, _, rest = log_in(visitor, "alice").headers.get_list("set-cookie")[0].partition("=")
    token, *flags = rest.split("; ")
    assert name == NAME
    assert sorted(flags) == ["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=lax"]
    header = jwt.decode(token, OctKey.import_key(KEY)).header
    claims = jwt.decode(token, OctKey.import_key(KEY)).claims
    assert header["alg"] == "HS256"
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert (claims["sub"], claims["aud"], claims["zoneinfo"]) == (str(account.id), "board", "UTC")


def test_over_https_only_this_host_can_have_set_it(
    account: accounts.Account, app_client: TestClient
) -> None:
    person = new_client(app_client, "https")
    answer = log_in(person, "alice")
    name, _, rest = answer.headers.get_list("set-cookie")[0].partition("=")
    assert name == f"__Host-{NAME}"
    assert sorted(rest.split("; ")[1:]) == [
        "HttpOnly",
        "Max-Age=604800",
        "Path=/",
        "SameSite=lax",
        "Secure",
    ]
    assert is_signed_in(person)
    # One that some other page of the domain set under the plain name counts for nothing.
    other = new_client(app_client, "https")
    other.cookies.set(NAME, rest.split(";")[0])
    assert not is_signed_in(other)


def test_two_boards_on_one_host_leave_each_other_alone(
    account: accounts.Account, visitor: Person, settings: Settings
) -> None:
    log_in(visitor, "alice")
    other = replace(settings, secret_keys=(secrets.token_urlsafe(48),))
    with TestClient(create_app(other), base_url="http://board.test") as client:
        there = new_client(client)
        there.cookies = visitor.cookies  # one browser; cookies know no ports
        assert log_in(there, "alice").status_code == 200
        visitor.cookies = there.cookies
        visitor.cookies.set("session", "another application's", domain="board.test")
        assert is_signed_in(visitor)
        there.get("/api/logout", headers=PROGRAM)
        assert not is_signed_in(there)
    db.open_database(settings.database_url)
    visitor.cookies = there.cookies
    assert is_signed_in(visitor)


@pytest.mark.parametrize(("scheme", "name"), [("http", "session"), ("https", "__Host-session")])
def test_who_signed_in_with_release_0_3_0_stays_signed_in(
    sign_in: SignIn, app_client: TestClient, later: Any, scheme: str, name: str
) -> None:
    before = token(sign_in("alice"))
    alice = new_client(app_client, scheme)
    alice.cookies.set(name, before, domain="board.test")
    assert is_signed_in(alice)
    later(minutes=31)
    assert is_signed_in(alice)  # and has a cookie of the new name
    alice.cookies.set(name, "another application's", domain="board.test")
    assert is_signed_in(alice)


def test_a_cookie_that_came_twice_is_not_replaced_by_an_older_name(
    sign_in: SignIn, visitor: Person
) -> None:
    alice, bob = (token(sign_in(name)) for name in ("alice", "bob"))
    cookie = f"{NAME}={alice}; {NAME}={bob}; session={bob}"
    assert visitor.get("/msgs", headers=PROGRAM | {"cookie": cookie}).status_code == 401


# Renewal.


def test_a_token_past_its_half_hour_is_exchanged(sign_in: SignIn, later: Any) -> None:
    alice = sign_in("alice", zone="Asia/Tokyo")
    old = token(alice)
    assert "set-cookie" not in alice.get("/msgs").headers
    later(minutes=29)
    assert "set-cookie" not in alice.get("/msgs").headers
    later(minutes=31)
    answer = alice.get("/msgs")
    assert answer.status_code == 200
    assert "Max-Age=604800" in answer.headers["set-cookie"]
    fresh = tokens.Signer((KEY,)).read(token(alice))
    assert fresh
    assert fresh.fresh
    assert (fresh.me.zone, fresh.me.name) == ("Asia/Tokyo", "alice")
    assert token(alice) != old
    assert "set-cookie" not in alice.get("/msgs").headers
    (listed,) = sessions.open_sessions(fresh.me.user_id)
    assert listed.used_at > listed.created_at


def test_an_ended_session_is_not_renewed(alice: Person, later: Any) -> None:
    end_elsewhere()
    later(minutes=31)
    answer = alice.get("/api/messages", headers=PROGRAM)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_after_seven_days_it_is_over_however_often_it_was_renewed(
    alice: Person, later: Any
) -> None:
    for days in range(1, 7):
        later(days=days)
        assert is_signed_in(alice)
    later(days=6, hours=23, minutes=59)
    assert is_signed_in(alice)
    later(days=7, seconds=1)  # with a fresh token
    ended.sessions.refresh()
    assert not is_signed_in(alice)


def test_a_session_ended_elsewhere_is_noticed_with_a_fresh_token(alice: Person) -> None:
    assert is_signed_in(alice)
    end_elsewhere()
    ended.sessions.refresh()  # every process does so every 2 seconds
    assert not is_signed_in(alice)


def test_without_a_recent_list_of_ended_sessions_the_table_is_asked(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, moment = sign_in("alice"), time.monotonic()
    end_elsewhere()
    monkeypatch.setattr(ended.sessions, "_ended", ended.Ended())
    monkeypatch.setattr(ended.sessions, "_read_at", moment - ended.TRUSTED_FOR - 1)
    monkeypatch.setattr(ended.sessions, "refresh", ended.Ended)  # the poll stands still
    assert not is_signed_in(alice)


def test_a_token_of_a_clock_that_was_ahead_is_no_longer_fresh_than_others(
    sign_in: SignIn, later: Any
) -> None:
    later(hours=3)
    alice, bob = sign_in("alice"), sign_in("bob")
    later(hours=0)  # the clock was set right
    assert is_signed_in(bob)
    for person in (alice, bob):
        claims = tokens.Signer((KEY,)).read(token(person))
        assert claims
        assert claims.fresh == (person is bob)  # his was exchanged for one of now
    end_elsewhere()
    later(hours=1)  # when nobody remembers what was ended back then
    ended.sessions.refresh()
    assert not is_signed_in(alice)


# Tokens.


def test_a_rotated_key_still_verifies_and_a_dropped_one_does_not(
    account: accounts.Account, settings: Settings
) -> None:
    claims = sessions.start(account.id, account.password_hash, "UTC", "A test")
    cookie = f"{NAME}={tokens.Signer((KEY,)).sign(claims)}"
    new = secrets.token_urlsafe(48)
    for keys, status in (((new, KEY), 200), ((new,), 401)):
        rotated = Settings(secret_keys=keys, database_url=settings.database_url)
        with TestClient(create_app(rotated), base_url="http://board.test") as client:
            answer = client.get("/api/messages", headers=PROGRAM | {"cookie": cookie})
            assert answer.status_code == status


def test_a_forged_token_is_refused(sign_in: SignIn, visitor: Person) -> None:
    mine = token(sign_in("alice"))
    claims = jwt.decode(mine, OctKey.import_key(KEY)).claims
    head, body, signature = mine.split(".")

    def signed(key: str = KEY, alg: str = "HS256", **changes: Any) -> str:
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode({"alg": alg}, kept, OctKey.import_key(key), algorithms=[alg])

    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    refused = [
        *("", "x", "a.b.c", "é.è.à", "." * 9000, f"{head}.{body}.", f"{none}.{body}."),
        f"{none}.{body}.{signature}",
        f"{head}.{body[:-2]}.{signature}",
        signed(key=secrets.token_urlsafe(48)),
        *(signed(alg="HS384"), signed(alg="HS512")),
        *(signed(aud="another"), signed(aud=None), signed(sub="x"), signed(sid=None)),
        signed(iat=None),
    ]
    for forged in refused:
        cookie = [(b"cookie", f"{NAME}={forged}".encode()), (b"accept", b"application/json")]
        answer = visitor.get("/msgs", headers=cookie)
        assert answer.status_code == 401, forged
    for good in (signed(), signed(iat=claims["iat"] + 60)):  # another machine's clock is ahead
        accepted = visitor.get("/msgs", headers=PROGRAM | {"cookie": f"{NAME}={good}"})
        assert accepted.status_code == 200


def test_signing_in_again_in_the_same_browser_ends_the_session_before(visitor: Person) -> None:
    add_person("alice")
    log_in(visitor, "alice")
    log_in(visitor, "alice")
    account = accounts.find("alice")
    assert account
    assert len(sessions.open_sessions(account.id)) == 1
    assert is_signed_in(visitor)


def test_of_too_many_sessions_the_one_not_used_for_longest_ends(
    sign_in: SignIn, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_OPEN", 3)
    first, second, third, bob = map(sign_in, ("alice", "alice", "alice", "bob"))
    later(minutes=31)
    assert is_signed_in(first)  # and used last of the three
    fourth = sign_in("alice")
    people = (first, second, third, fourth, bob)
    assert [is_signed_in(person) for person in people] == [True, False, True, True, True]
    assert fourth.get("/account", headers=PAGE).text.count('/end"') == 4  # and one for all
