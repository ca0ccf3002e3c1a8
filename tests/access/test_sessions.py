"""Sessions: what renews them, and what ends them."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from service.access import audit, begun, ended, options, tokens
from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import Session
from tests.access.keys import KEY
from tests.people import (
    HTMX,
    PAGE,
    PROGRAM,
    Person,
    SignIn,
    add_person,
    is_signed_in,
    log_in,
    token,
)


def end_elsewhere() -> None:
    """End every session as another process would."""
    with db.write():
        Session.update(ended_at=clock.now()).execute()


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
    (listed,) = begun.open_sessions(fresh.me.user_id)
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


def decide(hours: str) -> None:
    with db.write():
        options.set(audit.OPERATOR, "idle_hours", hours)


def test_one_that_is_not_used_ends_before(alice: Person, later: Any) -> None:
    later(days=3)
    assert is_signed_in(alice)
    decide("2")
    for hours in (2, 4, 6):
        later(days=3, hours=hours)
        assert is_signed_in(alice)
    later(days=3, hours=8, minutes=31)
    ended.sessions.refresh()
    with db.read():
        assert Session.get().id in ended.sessions.known()  # of open pages too
    assert not is_signed_in(alice)


def test_a_page_that_nobody_touches_does_not_use_it(alice: Person, later: Any) -> None:
    decide("2")
    later(minutes=40)
    assert is_signed_in(alice)
    for minutes in (80, 120, 189):
        later(minutes=minutes)
        assert alice.get("/rooms/rail", headers=HTMX).status_code == 200
        assert alice.post("/api/read", json={"number": 1}, headers=PROGRAM).is_success
    later(minutes=191)
    assert alice.get("/rooms/rail", headers=HTMX).status_code == 401
    assert not is_signed_in(alice)


def test_one_that_was_left_alone_before_that_was_decided_ends_too(
    sign_in: SignIn, later: Any
) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    later(hours=20)
    assert is_signed_in(bob)
    decide("12")
    later(hours=21)
    assert (is_signed_in(alice), is_signed_in(bob)) == (False, True)
    assert begun.open_sessions(1) == []
    decide("")
    for hours in (30, 6 * 24):
        later(hours=hours)
        assert is_signed_in(bob)
    later(days=7, minutes=1)
    assert not is_signed_in(bob)


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


def test_signing_in_again_in_the_same_browser_ends_the_session_before(visitor: Person) -> None:
    add_person("alice")
    log_in(visitor, "alice")
    log_in(visitor, "alice")
    account = accounts.find("alice")
    assert account
    assert len(begun.open_sessions(account.id)) == 1
    assert is_signed_in(visitor)


def test_of_too_many_sessions_the_one_not_used_for_longest_ends(
    sign_in: SignIn, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begun, "MOST_OPEN", 3)
    first, second, third, bob = map(sign_in, ("alice", "alice", "alice", "bob"))
    later(minutes=31)
    assert is_signed_in(first)  # and used last of the three
    fourth = sign_in("alice")
    people = (first, second, third, fourth, bob)
    assert [is_signed_in(person) for person in people] == [True, False, True, True, True]
    assert fourth.get("/account", headers=PAGE).text.count('/end"') == 4  # and one for all
