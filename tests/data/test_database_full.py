"""The database has no room: all its connections are taken, or its disk is full."""

import dataclasses
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress

import peewee
import pytest
from starlette.testclient import TestClient

from service.access import sessions
from service.app import create_app
from service.base.config import Settings
from service.data import db, outages
from service.data.tables import User
from tests.people import (
    HTMX,
    ON_SQLITE,
    PAGE,
    PROGRAM,
    Person,
    add_person,
    cookie_name,
    full_disk,
    log_in,
    new_client,
    no_database,
)
from tests.servers import within

DEADLINE = 30


def signed_in(client: TestClient) -> Person:
    alice = new_client(client)
    assert log_in(alice, "alice").status_code == 200
    return alice


@pytest.fixture
def small_pool(database: None, settings: Settings) -> Generator[TestClient]:
    add_person("alice")
    db.close_database()
    app = create_app(dataclasses.replace(settings, database_pool=5))
    with TestClient(app, base_url="http://board.test") as client:
        db.database.obj._wait_timeout = 0.3
        yield client


def test_an_exhausted_pool_is_said_and_leaks_nothing(small_pool: TestClient) -> None:
    alice = signed_in(small_pool)
    release = threading.Event()

    def hold() -> None:
        with db.read():
            release.wait(DEADLINE)

    def ask(_: int) -> int:
        return alice.get("/api/messages", headers=PROGRAM).status_code

    with ThreadPoolExecutor(10) as pool:
        holders = [pool.submit(hold) for _ in range(5)]
        within(DEADLINE, lambda: len(db.database.obj._in_use) == 5)
        assert list(pool.map(ask, range(6))) == [503] * 6
        release.set()
        for holder in holders:
            holder.result(DEADLINE)
        assert list(pool.map(ask, range(20))) == [200] * 20
    within(DEADLINE, lambda: db.database.obj._in_use == {})


def test_a_failure_in_a_transaction_gives_its_connection_back(database: None) -> None:
    for _ in range(30):  # more than the pool has
        with suppress(ZeroDivisionError), db.write():
            User.update(zone="UTC").execute()
            raise ZeroDivisionError
    within(DEADLINE, lambda: db.database.obj._in_use == {})


@ON_SQLITE
def test_a_full_disk_is_said_and_heals(
    small_pool: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alice = signed_in(small_pool)
    with db.read():
        (pages,) = db.database.execute_sql("PRAGMA page_count").fetchone()
    db.database.obj.close_idle()
    monkeypatch.setattr(
        db.database.obj, "_pragmas", [*db.database.obj._pragmas, ("max_page_count", pages)]
    )
    answers = [alice.post("/api/message", json={"message": "x" * 500}) for _ in range(20)]
    (full,) = {answer.status_code for answer in answers} - {201}
    answer = answers[-1]
    assert (full, answer.headers["retry-after"]) == (503, "60")
    assert "made room" in answer.json()["detail"]
    assert "database or disk is full" in caplog.text
    assert alice.get("/api/messages", headers=PROGRAM).status_code == 200
    monkeypatch.undo()
    db.database.obj.close_idle()
    assert alice.post("/api/message", json={"message": "Room"}).status_code == 201


def test_on_a_full_disk_whoever_only_reads_stays_signed_in(
    small_pool: TestClient, later: Callable[..., None]
) -> None:
    alice = signed_in(small_pool)
    later(minutes=31)  # so that the token is exchanged
    with full_disk():
        answer = alice.post("/api/message", json={"message": "No room"})
        assert (answer.status_code, answer.json()["title"]) == (503, "The board's disk is full")
        assert alice.get("/api/messages", headers=PROGRAM).json()["messages"] == []


@pytest.mark.parametrize("away", [full_disk, no_database])
@pytest.mark.parametrize("headers", [PAGE, HTMX, PROGRAM], ids=["page", "htmx", "program"])
def test_whoever_signs_out_is_forgotten_by_the_browser_whatever_the_database_does(
    small_pool: TestClient,
    caplog: pytest.LogCaptureFixture,
    away: Callable[[], AbstractContextManager[None]],
    headers: dict[str, str],
) -> None:
    alice = signed_in(small_pool)
    name = cookie_name(alice)
    with away():
        answer = alice.post("/api/logout", headers=headers)
    assert answer.status_code == 503
    assert "You are signed out in this browser" in answer.text
    assert f"within {sessions.LIFETIME.days} days" in answer.text
    assert ("Sign out" in answer.text, name in alice.cookies) == (False, False)
    assert "a session that was signed out of stays open" in caplog.text
    assert alice.get("/api/messages", headers=PROGRAM).status_code == 401


@ON_SQLITE
def test_a_full_disk_is_told_although_the_rollback_fails_too(database: None) -> None:
    def find_it_full() -> None:
        with db.write():
            db.database.execute_sql("ROLLBACK")  # as SQLite does by itself on a full disk
            raise peewee.OperationalError("database or disk is full")

    with pytest.raises(db.UNAVAILABLE) as raised:
        find_it_full()
    assert outages.reason(raised.value) == "database or disk is full"


@ON_SQLITE
def test_readiness_tells_of_a_disk_without_room(
    small_pool: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "LEAST_FREE", 2**62)
    answer = small_pool.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "disk")
