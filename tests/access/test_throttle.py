"""Throttling: failed sign-ins are limited, and nobody can lock out somebody else."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress

import httpx2
import pytest
from starlette.testclient import TestClient

from service.access import tokens
from service.access.throttle import PATIENCE, PER_PLACE, Throttle
from service.access.visitors import Visitor
from service.accounts import accounts, sign_in
from service.app import create_app
from service.base import slots
from service.base.config import Settings
from service.base.errors import TooManyRequests, Unavailable
from service.data import db
from service.data.tables import Failure, KnownNetwork
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
    token,
)

HOME, ELSEWHERE = "192.0.2.1", "203.0.113.66"


@pytest.fixture
def attacker(app_client: TestClient) -> Person:
    add_person("alice")
    add_person("bob")
    return new_client(app_client, address=ELSEWHERE)


def fail(person: Person, name: str, times: int = 1) -> None:
    for _ in range(times):
        assert log_in(person, name, "guess").status_code == 401


def device_cookie(person: Person) -> str:
    (name,) = [name for name in person.cookies if "board-device-" in name]
    return name


def seconds(answer: httpx2.Response) -> int:
    return int(answer.headers["retry-after"])


def attack(client: TestClient, name: str) -> None:
    """Let strangers from everywhere fail until others have to wait."""
    for number in range(PATIENCE):
        fail(new_client(client, address=f"198.51.{number}.1"), name)


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


# Places where somebody has signed in before.


@ONE_DATABASE
def test_nobody_can_lock_a_user_out_of_a_network_where_they_signed_in_before(
    attacker: Person, app_client: TestClient
) -> None:
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 200
    attack(app_client, "alice")
    assert log_in(new_client(app_client, address="198.51.99.1"), "alice").status_code == 429
    at_home = new_client(app_client, address=HOME)  # on another device
    assert log_in(at_home, "ALICE").status_code == 200
    # There her own failures count, however she writes her name, and no other's.
    for name in ("alice", "ALICE", " alice", "\N{FULLWIDTH LATIN CAPITAL LETTER A}lice", "aLiCe"):
        fail(new_client(app_client, address=HOME), name)
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 429
    assert log_in(new_client(app_client, address=HOME), "bob").status_code == 200


@ONE_DATABASE
def test_nobody_at_all_can_lock_a_user_out_of_a_device_where_they_signed_in_before(
    attacker: Person, app_client: TestClient
) -> None:
    laptop, phone = (new_client(app_client, address=HOME) for _ in range(2))
    for device in (laptop, phone):
        assert log_in(device, "alice").status_code == 200
    neighbour = new_client(app_client, address=HOME)
    fail(neighbour, "alice", 5)
    assert log_in(neighbour, "alice").status_code == 429
    assert log_in(laptop, "alice").status_code == 200
    # It counts its own failures.
    fail(laptop, "alice", 5)
    assert log_in(laptop, "alice").status_code == 429
    assert log_in(phone, "alice").status_code == 200


@ONE_DATABASE
def test_a_device_is_known_for_its_user_until_the_password_changes(
    attacker: Person, app_client: TestClient, later: Callable[..., None]
) -> None:
    laptop = new_client(app_client, address=HOME)
    assert log_in(laptop, "alice").status_code == 200
    cookie, numbers = laptop.cookies[device_cookie(laptop)], itertools.count()

    def is_known(name: str = "alice", cookie: str = cookie) -> bool:
        """Say whether the cookie lets somebody in among strangers whose limit is reached."""
        number = next(numbers)
        person = new_client(app_client, address=f"198.51.{number}.1")
        fail(person, f"nobody {number}", 5)
        person.cookies.set(device_cookie(laptop), cookie, domain="board.test")
        return log_in(person, name).status_code == 200

    assert is_known()
    assert not is_known("bob")
    assert not is_known(cookie=token(laptop))  # signed too, but for something else
    assert not is_known(cookie=f"{cookie[:-4]}AAAA")
    later(days=179)
    assert is_known()
    later(days=181)
    assert not is_known()
    later(days=0)
    alice = accounts.find("alice")
    assert alice
    accounts.reset_password(alice.id, PASSWORD)
    assert not is_known()


@ONE_DATABASE
def test_the_devices_cookie_is_lax_and_closed_to_scripts(app_client: TestClient) -> None:
    add_person("alice")
    for scheme, prefix, more in (("http", "", set()), ("https", "__Host-", {"Secure"})):
        _, device = log_in(new_client(app_client, scheme), "alice").headers.get_list("set-cookie")
        assert device.startswith(f"{prefix}board-device-")
        assert {*device.split("; ")[1:]} == {
            *("HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=lax"),
            *more,
        }


def test_a_network_is_known_until_the_password_changes(
    attacker: Person, app_client: TestClient
) -> None:
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 200
    attack(app_client, "alice")
    alice = accounts.find("alice")
    assert alice
    accounts.reset_password(alice.id, PASSWORD)
    assert log_in(new_client(app_client, address=HOME), "alice").status_code == 429


@ONE_DATABASE
def test_the_place_of_a_password_change_stays_known(
    app_client: TestClient, sign_in: SignIn
) -> None:
    alice = sign_in("alice", address=HOME)
    new = "a new horse, a new battery"
    fields = {"current_password": PASSWORD, "new_password": new}
    assert alice.post("/api/account/password", json=fields).status_code == 200
    attack(app_client, "alice")
    fail(new_client(app_client, address=HOME), "alice", 5)  # in a known network
    assert log_in(new_client(app_client, address=HOME), "alice", new).status_code == 429
    assert log_in(alice, "alice", new).status_code == 200  # on a known device


# Strangers.


def test_a_stranger_waits_for_a_turn_and_then_gets_in(
    attacker: Person, app_client: TestClient, later: Callable[..., None]
) -> None:
    attack(app_client, "alice")
    travelling = new_client(app_client, address="198.51.99.1")
    refused = log_in(travelling, "alice")
    assert refused.status_code == 429
    assert 8 <= seconds(refused) <= PATIENCE
    assert "then it is your turn" in refused.json()["detail"]
    assert log_in(new_client(app_client, address="198.51.98.1"), "bob").status_code == 200
    later(seconds=5)
    assert 3 <= seconds(log_in(travelling, "alice")) <= 5
    later(seconds=PATIENCE + 1)
    fail(travelling, "alice")
    assert log_in(travelling, "alice").status_code == 429  # that was the turn
    later(seconds=2 * PATIENCE + 4)
    assert log_in(travelling, "alice").status_code == 200


def test_after_an_hour_strangers_wait_no_longer(
    attacker: Person, app_client: TestClient, later: Callable[..., None]
) -> None:
    attack(app_client, "alice")
    assert log_in(attacker, "alice").status_code == 429
    later(minutes=61)
    fail(attacker, "alice")
    with db.read():  # and nothing of before is left
        assert Failure.select().count() == 3


# The clock.


@ONE_DATABASE
def test_nobody_waits_for_a_clock_that_was_put_back(
    attacker: Person, later: Callable[..., None]
) -> None:
    later(days=1)
    fail(attacker, "alice", 5)
    later(days=1, seconds=-8)  # as another machine's may be
    assert seconds(log_in(attacker, "alice")) <= 60
    later(days=0)
    assert log_in(attacker, "alice").status_code == 200


# Many at once.


def rush(throttle: Throttle, attempts: int, *, succeed: bool) -> list[str]:
    """Let so many attempts begin before any ends; return what came of each."""

    async def one() -> str:
        place = throttle.place("alice", HOME, None, None)
        try:
            async with throttle.attempt(place) as attempt:
                await asyncio.sleep(0.01)
                attempt.succeeded = succeed
        except (TooManyRequests, Unavailable) as refused:
            return type(refused).__name__
        return "tried"

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(one() for _ in range(attempts)))

    return asyncio.run(all_of_them())


def test_tries_at_the_same_time_do_not_pass_the_limit(database: None) -> None:
    assert rush(Throttle("k"), 12, succeed=True) == ["tried"] * 12
    came = rush(Throttle("k"), 12, succeed=False)
    assert (came.count("tried"), came.count("TooManyRequests")) == (5, 7)


def test_alice_at_home_waits_for_no_crowd_of_strangers(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, throttle = add_person("alice"), Throttle("k")
    throttle.remember(alice.id, alice.password_hash, HOME)
    finding, found, tried, reads = sign_in.Finding(throttle), list[str](), list[str](), list[str]()
    crowd = [*(f"2001:db8:{number:x}::1" for number in range(200)), HOME]

    async def come(address: str, door: asyncio.Event) -> None:
        _, place = await sign_in.find(finding, Visitor(address, "", None), "alice")
        found.append(address)
        if len(found) == len(crowd):
            door.set()
        with suppress(TooManyRequests, Unavailable):
            async with throttle.attempt(place):
                tried.append(address)
                await door.wait()

    async def everybody() -> None:
        door = asyncio.Event()
        await asyncio.gather(*(come(address, door) for address in crowd))

    def noted(sql: str, *given: object) -> object:
        reads.extend([sql] * ('"users"' in sql))
        return execute(sql, *given)

    execute = db.database.obj.execute_sql
    monkeypatch.setattr(db.database.obj, "execute_sql", noted)
    asyncio.run(everybody())
    # Before her went those who were in already, and who comes next for each of them.
    assert tried.index(HOME) < 2 * tokens.HASHED_AT_ONCE
    assert 0 < len(reads) < 10  # and not one for each


def test_failures_are_counted_across_processes_and_restarts(
    attacker: Person, settings: Settings
) -> None:
    fail(attacker, "alice", 4)
    with TestClient(create_app(settings), base_url="http://board.test") as another:
        person = new_client(another, address=ELSEWHERE)
        fail(person, "alice")
        assert log_in(person, "alice").status_code == 429


@ONE_DATABASE
def test_a_try_that_breaks_off_counts_as_failed(database: None) -> None:
    throttle = Throttle("k")
    place = throttle.place("alice", HOME, None, None)

    async def break_off() -> None:
        async with throttle.attempt(place):
            raise ZeroDivisionError

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(break_off())
    with pytest.raises(TooManyRequests):
        asyncio.run(break_off())


@ONE_DATABASE
def test_whoever_finds_the_line_full_gets_the_form_and_a_time(
    attacker: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Unavailable(slots.BUSY, retry_after=slots.RETRY_AFTER)

    monkeypatch.setattr(sign_in, "find", refuse)
    fields = {"username": "alice", "password": PASSWORD}
    answer = attacker.post("/api/login", data=fields, headers=PAGE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert 'value="alice"' in answer.text
    assert slots.BUSY in answer.text
