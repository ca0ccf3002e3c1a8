"""Strangers and crowds: who waits, for how long, and who goes before them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from starlette.testclient import TestClient

from service.access import tokens
from service.access.throttle import PATIENCE, Throttle
from service.access.visitors import Visitor
from service.accounts import sign_in
from service.app import create_app
from service.base import slots
from service.base.config import Settings
from service.base.errors import TooManyRequests, Unavailable
from service.data import db
from service.data.tables import Failure
from tests.access.attacks import ELSEWHERE, HOME, attack, fail, seconds
from tests.people import ONE_DATABASE, PAGE, PASSWORD, Person, add_person, log_in, new_client


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
