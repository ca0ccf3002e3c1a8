"""The database is away: at the start, for a while, for one connection, or busy."""

import re
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from anyio.to_thread import run_sync
from click.testing import CliRunner

from service import cli
from service.access.visible import EVERYONE, Member
from service.commands import console
from service.data import db, outages, sqlite
from service.data.tables import User
from service.live import wakes
from service.messages import messages, writing
from tests.people import (
    ON_POSTGRESQL,
    ON_SQLITE,
    PASSWORD,
    add_person,
)
from tests.postgresql import LISTENERS, execute, number
from tests.proxy import Proxy
from tests.servers import Server, within
from tests.streams import Board, frames, open_stream

DEADLINE = 30
AWAY = "It can't reach its data right now. Nothing is lost; try again in a few seconds."
TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


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
    assert server.messages() == ["Waiting up to 30 s for the database."]
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
