"""The database is away: at the start, for a while, for one connection, or busy."""

import dataclasses
import re
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import peewee
import psycopg2
import pytest
from anyio.to_thread import run_sync
from click.testing import CliRunner
from starlette.testclient import TestClient

from service import cli
from service.access import sessions
from service.access.visible import EVERYONE, Member
from service.app import create_app
from service.base.config import Settings
from service.commands import console
from service.data import db, outages, sqlite
from service.data.tables import User
from service.live import wakes
from service.messages import messages, writing
from tests.people import (
    HTMX,
    ON_POSTGRESQL,
    ON_SQLITE,
    PAGE,
    PASSWORD,
    PROGRAM,
    Person,
    add_person,
    cookie_name,
    log_in,
    new_client,
    no_database,
)
from tests.postgresql import execute
from tests.proxy import Proxy
from tests.servers import Server, within
from tests.streams import Board, frames, open_stream

DEADLINE = 30
AWAY = "It can't reach its data right now. Nothing is lost; try again in a few seconds."
TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
LISTENERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'LISTEN board'"""


def number(url: str, query: str) -> int:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()[0][0]
    finally:
        connection.close()


@pytest.fixture
def proxy(database: None, database_url: str) -> Generator[Proxy]:
    proxy = Proxy(database_url)
    yield proxy
    proxy.cut()


@ON_POSTGRESQL
def test_a_database_that_comes_late_is_waited_for(
    proxy: Proxy, start_server: Callable[..., Server]
) -> None:
    server = start_server(wait=False, DATABASE_URL=proxy.url)
    within(DEADLINE, lambda: "database" in server.output())
    assert server.output() == "Waiting up to 30 s for the database.\n"
    proxy.mend()
    server.await_ready()


@ON_POSTGRESQL
def test_a_database_that_does_not_come_is_given_up(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "DATABASE_WAIT", 0)
    run = CliRunner().invoke(cli.main, ["migrate"], env={"DATABASE_URL": proxy.url})
    assert run.exit_code == 1
    (line,) = run.output.splitlines()
    assert line.startswith("Error: The database can't be used: ")


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"path": "/no-such-board"}, 'database "no-such-board" does not exist'),
        ({"query": "sslmode=require"}, "server does not support SSL, but SSL was required"),
        ({"query": "sslmode=nope"}, 'invalid sslmode value: "nope"'),
    ],
)
def test_a_fault_that_waiting_cannot_mend_is_said_at_once(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], said: str
) -> None:
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: 0.0))
    proxy.mend()
    url = urlsplit(proxy.url)._replace(**change).geturl()
    run = CliRunner().invoke(cli.main, ["migrate"], env={"DATABASE_URL": url})
    assert run.exit_code == 1
    (line,) = run.output.splitlines()
    assert line.startswith("Error: The database can't be used: ")
    assert said in line


@ON_POSTGRESQL
def test_a_database_lost_and_found_again(
    proxy: Proxy, start_server: Callable[..., Server], database_url: str
) -> None:
    add_person("alice")
    proxy.mend()
    server = start_server(DATABASE_URL=proxy.url)
    alice = server.sign_in("alice", PASSWORD)
    start = str(messages.newest_cursor())
    with open_stream(alice, start) as stream:
        proxy.cut()
        answer = alice.post("/api/message", json={"message": "Lost?", "client_key": "k"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == AWAY
        page = alice.get("/msgs", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "It can&#39;t reach its data right now" in page.text
        assert (server.ready(), alice.get("/healthz").status_code) == (False, 200)
        # Whether Alice is signed in still, nobody can tell: her page reads no further.
        assert list(stream) == []
    writing.post(1, "Meanwhile")  # by a process with a database
    proxy.mend()
    within(DEADLINE, server.ready)
    answer = alice.post("/api/message", json={"message": "Lost?", "client_key": "k"})
    assert answer.status_code == 201
    with alice.stream("GET", "/api/events", params={"after": start}) as response:
        # If the hub has not read them yet, the page's own cursor is confirmed first.
        found = (frame for frame in frames(response.iter_lines()) if frame.data)
        assert [next(found).text, next(found).text] == ["Meanwhile", "Lost?"]
        within(DEADLINE, lambda: number(database_url, LISTENERS) == 1)
        writing.post(1, "After all")
        assert next(found).text == "After all"


@ON_POSTGRESQL
@pytest.mark.anyio
async def test_connections_that_the_server_closes_are_replaced_unnoticed(
    board: Board, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakes, "POLL", 60)  # so that only a NOTIFY can tell in time
    add_person("alice")
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    for text in ("One", "Two"):
        await until_listening(database_url)
        execute(database_url, TERMINATE)
        await until_listening(database_url)
        writing.post(1, text)
        execute(database_url, "NOTIFY board")
        frame = await stream.frame()
        assert frame
        assert frame.text == text
    assert (await alice.post("/api/message", json={"message": "Three"})).status_code == 201
    within(DEADLINE, lambda: db.database.obj._in_use == {})


async def until_listening(database_url: str) -> None:
    await run_sync(within, DEADLINE, lambda: number(database_url, LISTENERS) == 1)


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


@contextmanager
def full_disk() -> Generator[None]:
    """Let the database find no room for anything until the block ends, as it says so itself."""
    execute_sql = db.database.obj.execute_sql

    def run(sql: str, *args: Any) -> Any:
        if not re.search("INSERT INTO|UPDATE ", sql):
            return execute_sql(sql, *args)
        if db.on_sqlite():
            raise peewee.OperationalError("database or disk is full")
        return execute_sql("DO $$ BEGIN RAISE disk_full; END $$")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", run)
        yield


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


@ON_POSTGRESQL
def test_a_lost_connection_is_told_although_the_rollback_fails_too(
    database: None, database_url: str
) -> None:
    def lose_it() -> None:
        with db.write():
            execute(database_url, TERMINATE)
            User.update(zone="UTC").execute()

    with pytest.raises(db.UNAVAILABLE) as raised:
        lose_it()
    assert re.match("terminating connection|server closed", outages.reason(raised.value))


@ON_SQLITE
def test_readiness_tells_of_a_disk_without_room(
    small_pool: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "LEAST_FREE", 2**62)
    answer = small_pool.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "disk")


@ON_SQLITE
def test_a_write_waits_while_another_program_writes_and_a_read_does_not(
    database: None, database_url: str
) -> None:
    add_person("alice")
    other = sqlite.library.connect(sqlite.file_of(database_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor() as pool:
        posting = pool.submit(writing.post, 1, "Patience")
        with pytest.raises(TimeoutError):
            posting.result(2)
        assert messages.newest(EVERYONE).messages == []
        other.execute("COMMIT")
        assert posting.result(DEADLINE).seq == 1
    other.close()
    assert [message.text for message in messages.newest(EVERYONE).messages] == ["Patience"]


@ON_POSTGRESQL
def test_other_processes_hear_of_what_is_committed_and_of_nothing_else(database: None) -> None:
    alice = add_person("alice")
    listening = db.listen()
    assert listening

    def hints() -> int:
        listening.poll()
        count = len(listening.notifies)
        listening.notifies.clear()
        return count

    message = writing.post(alice.id, "First")
    within(DEADLINE, lambda: hints() == 1)
    with suppress(ZeroDivisionError), db.write():
        writing.edit(Member(alice.id), message.id, "Second")
        raise ZeroDivisionError
    assert hints() == 0
    writing.edit(Member(alice.id), message.id, "Third")
    within(DEADLINE, lambda: hints() == 1)
    listening.close()
