"""Throttling: failed sign-ins are limited, and nobody can lock out somebody else."""

import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.access.throttle import PER_PLACE
from service.data import db
from service.data.tables import Failure, KnownNetwork
from tests.access.attacks import ELSEWHERE, fail, seconds
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PASSWORD,
    PROBLEM,
    Person,
    SignIn,
    add_person,
    log_in,
    new_client,
)


def test_after_five_failures_a_network_waits_and_others_do_not(
    attacker: Person, visitor: Person
) -> None:
    fail(attacker, "alice", 5)
    refused = log_in(attacker, "alice", PASSWORD)  # even if the guess is right
    assert (refused.status_code, refused.headers["content-type"]) == (429, PROBLEM)
    assert 50 <= seconds(refused) <= 60
    assert "set-cookie" not in refused.headers
    # Alice herself, elsewhere, is not locked out.
    assert log_in(visitor, "alice").status_code == 200


def test_a_minute_after_the_failures_the_next_try_counts(
    attacker: Person, later: Callable[..., None]
) -> None:
    fail(attacker, "alice", 5)
    later(seconds=61)
    fail(attacker, "alice", 4)
    assert log_in(attacker, "alice").status_code == 200


@pytest.mark.parametrize(
    ("addresses", "passed", "other"),
    [
        ("192.0.2.1 " * 30, 5, "192.0.2.2"),
        (" ".join(f"192.0.2.{n}" for n in range(30)), 20, "192.0.3.1"),
        (" ".join(f"2001:db8::{n}" for n in range(30)), 5, "2001:db8:0:1::1"),
        (" ".join(f"2001:db8:0:{n:x}::1" for n in range(30)), 10, "2001:db8:0:100::1"),
        (" ".join(f"2001:db8:0:{n:x}00::1" for n in range(30)), 20, "2001:db8:1::1"),
        ("::ffff:192.0.2.1 192.0.2.1 " * 15, 5, "::ffff:192.0.2.2"),  # of a socket for both kinds
        ("unknown " * 30, 5, "192.0.2.1"),
    ],
    ids=["address", "/24", "/64", "/56", "/48", "mapped", "unknown"],
)
@ONE_DATABASE
def test_who_shares_a_network_shares_its_limit(
    app_client: TestClient, addresses: str, passed: int, other: str
) -> None:
    tried = [
        log_in(new_client(app_client, address=address), f"name {number}", "guess").status_code
        for number, address in enumerate(addresses.split())
    ]
    assert tried == [401] * passed + [429] * (30 - passed)
    fail(new_client(app_client, address=other), "alice")


@ONE_DATABASE
def test_an_office_signs_in_as_often_as_it_likes(app_client: TestClient) -> None:
    for number in range(12):
        add_person(f"user {number}")
        answer = log_in(new_client(app_client, address=ELSEWHERE), f"user {number}")
        assert answer.status_code == 200
    stranger = new_client(app_client, address=ELSEWHERE)
    fail(stranger, "nobody", 5)
    assert log_in(stranger, "nobody").status_code == 429


def test_a_form_without_a_password_is_no_try(attacker: Person) -> None:
    for _ in range(PER_PLACE + 1):
        assert log_in(attacker, "alice", "").status_code == 422
    assert log_in(attacker, "alice").status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("caller", [HTMX, PAGE], ids=["htmx", "form"])
def test_a_browser_that_has_to_wait_gets_the_form_again(
    attacker: Person, caller: dict[str, str]
) -> None:
    fail(attacker, "alice", 5)
    fields = {"username": "alice", "password": PASSWORD}
    answer = attacker.post("/api/login", data=fields, headers=caller)
    assert answer.status_code == 429
    assert seconds(answer) > 0
    assert 'value="alice"' in answer.text
    assert "Too many failed sign-ins." in answer.text


@ONE_DATABASE
def test_guessing_the_current_password_is_throttled_too(sign_in: SignIn) -> None:
    alice, elsewhere = sign_in("alice"), sign_in("alice")
    fields = {"current_password": "guess", "new_password": "a new password"}
    for _ in range(5):
        assert alice.post("/api/account/password", json=fields).status_code == 422
    right = fields | {"current_password": PASSWORD}
    assert alice.post("/api/account/password", json=right).status_code == 429
    assert elsewhere.post("/api/account/password", json=right).status_code == 200


def test_the_log_tells_of_it_and_neither_it_nor_the_table_holds_a_secret(
    attacker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fail(attacker, "alice", 4)
    fail(attacker, PASSWORD, 1)  # typed into the wrong field
    log_in(attacker, "alice")
    lines = [record.__dict__ for record in caplog.records if record.name == "service.security"]
    told = [(line["status"], line["username"], line["client"]) for line in lines]
    tried = [(401, "alice", ELSEWHERE)] * 4
    assert told == [*tried, (401, None, ELSEWHERE), (429, "alice", ELSEWHERE)]
    with db.read():
        stored = str([*Failure.select().tuples(), *KnownNetwork.select().tuples()])
    everything = str([record.__dict__ for record in caplog.records])
    for secret in ("guess", PASSWORD):
        assert secret not in everything + stored
    assert ELSEWHERE not in stored
