"""Throttling: failed sign-ins are limited, and nobody can lock out somebody else."""

import asyncio
import logging
from contextlib import ExitStack

import pytest
from limits import parse
from starlette.testclient import TestClient

from service import throttle
from service.errors import TooManyRequests
from service.throttle import Throttle
from tests.people import HTMX, PAGE, PASSWORD, PROBLEM, Person, SignIn, add_person, log_in, visitor

PER_USER, PER_ADDRESS = 3, 6


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_USER_AND_ADDRESS", parse(f"{PER_USER} per 5 minutes"))
    monkeypatch.setattr(throttle, "PER_ADDRESS", parse(f"{PER_ADDRESS} per 5 minutes"))


@pytest.fixture
def attacker(app_client: TestClient) -> Person:
    add_person("alice")
    add_person("bob")
    return visitor(app_client, address="203.0.113.66")


def fail(person: Person, name: str, times: int) -> None:
    for _ in range(times):
        assert log_in(person, name, "guess").status_code == 401


def test_it_works(attacker: Person, charlie: Person) -> None:
    fail(attacker, "alice", PER_USER)
    refused = log_in(attacker, "alice", PASSWORD)  # even if the guess is right
    assert (refused.status_code, refused.headers["content-type"]) == (429, PROBLEM)
    assert 290 <= int(refused.headers["retry-after"]) <= 300
    assert "set-cookie" not in refused.headers
    # Alice herself, elsewhere, is not locked out; nor is Bob at the attacker's address.
    assert log_in(charlie, "alice").status_code == 200
    assert log_in(attacker, "bob").status_code == 200


def test_another_way_to_write_the_name_is_the_same_name(attacker: Person) -> None:
    fail(attacker, "alice", PER_USER)
    for name in ("ALICE", " alice", "\N{FULLWIDTH LATIN CAPITAL LETTER A}lice"):
        assert log_in(attacker, name).status_code == 429


def test_an_address_that_tries_many_names_is_refused(attacker: Person, charlie: Person) -> None:
    for number in range(PER_ADDRESS):
        fail(attacker, f"name {number}", 1)
    assert log_in(attacker, "bob").status_code == 429
    assert log_in(charlie, "bob").status_code == 200


def test_success_does_not_count(attacker: Person) -> None:
    for _ in range(PER_ADDRESS + 1):
        assert log_in(attacker, "alice").status_code == 200
    fail(attacker, "alice", PER_USER)
    assert log_in(attacker, "alice").status_code == 429


def test_what_was_never_tried_does_not_count(attacker: Person) -> None:
    for _ in range(PER_ADDRESS + 1):
        assert log_in(attacker, "alice", "").status_code == 422
    assert log_in(attacker, "alice").status_code == 200


@pytest.mark.parametrize("caller", [HTMX, PAGE], ids=["htmx", "form"])
def test_a_browser_gets_the_form_again(attacker: Person, caller: dict[str, str]) -> None:
    fail(attacker, "alice", PER_USER)
    fields = {"username": "alice", "password": PASSWORD}
    answer = attacker.post("/api/login", data=fields, headers=caller)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert 'value="alice"' in answer.text
    assert "Too many failed sign-ins." in answer.text


def test_guessing_the_current_password_is_throttled_too(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    fields = {"current_password": "guess", "new_password": "a new password"}
    for _ in range(PER_USER):
        assert alice.post("/api/account/password", json=fields).status_code == 422
    right = fields | {"current_password": PASSWORD}
    assert alice.post("/api/account/password", json=right).status_code == 429
    assert log_in(alice, "alice").status_code == 429  # it is the same password


def test_the_log_tells_of_it_and_holds_no_password(
    attacker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fail(attacker, "alice", PER_USER)
    log_in(attacker, "alice")
    fail(attacker, PASSWORD, 1)  # typed into the wrong field
    lines = [record.__dict__ for record in caplog.records if record.name == "service.security"]
    told = [(line["status"], line["username"], line["client"]) for line in lines]
    address = "203.0.113.66"
    assert told == [(401, "alice", address)] * 3 + [(429, None, address), (401, None, address)]
    everything = str([record.__dict__ for record in caplog.records])
    assert "guess" not in everything
    assert PASSWORD not in everything


# The counter itself.


def rushed(attempts: int, *, fail: bool) -> int:
    """Let so many attempts begin before any ends; return how many were let through."""
    counter, passed = Throttle(), 0

    async def one() -> None:
        nonlocal passed
        with counter.attempt("alice", "192.0.2.1") as attempt:
            passed += 1
            await asyncio.sleep(0)
            attempt.failed = fail

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(attempts)), return_exceptions=True)

    asyncio.run(all_of_them())
    asyncio.run(all_of_them())
    return passed


def test_a_rush_does_not_pass_the_limit() -> None:
    assert rushed(20, fail=True) == PER_USER
    assert rushed(20, fail=False) == 2 * PER_USER  # those that succeeded give their places back


def raise_within(counter: Throttle) -> None:
    with counter.attempt("a", "192.0.2.1") as attempt:
        attempt.failed = True
        raise ZeroDivisionError


def test_a_failure_that_leaves_by_an_exception_counts() -> None:
    counter = Throttle()
    for _ in range(PER_USER):
        with pytest.raises(ZeroDivisionError):
            raise_within(counter)
    with pytest.raises(TooManyRequests), counter.attempt("a", "192.0.2.1"):
        pass


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),  # a household has a /64
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),  # as a dual-stack socket tells them
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("unknown", "192.0.2.1", False),
    ],
)
def test_who_shares_an_address(one: str, other: str, *, same: bool) -> None:
    counter = Throttle()
    with ExitStack() as under_way:
        for _ in range(PER_USER):
            under_way.enter_context(counter.attempt("alice", one))
        if same:
            with pytest.raises(TooManyRequests), counter.attempt("alice", other):
                pass
        else:
            with counter.attempt("alice", other):
                pass


def test_nothing_is_kept_of_those_under_way() -> None:
    counter = Throttle()
    with counter.attempt("alice", "192.0.2.1"):
        assert len(counter._under_way) == 2
    assert not counter._under_way


def test_who_is_refused_only_because_others_are_being_checked_waits_a_second() -> None:
    watched = Throttle()
    with ExitStack() as under_way:
        for number in range(PER_ADDRESS):
            under_way.enter_context(watched.attempt(f"user-{number}", "203.0.113.66"))
        with pytest.raises(TooManyRequests) as refused, watched.attempt("bob", "203.0.113.66"):
            pass
    assert refused.value.retry_after == 1
