"""Real servers: several on one database, stopped, killed, crashed and replaced."""

import os
import signal
import socket
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager

import httpx2

from service.data import db, sqlite
from service.data.cursors import Cursors
from service.messages import messages, writing
from tests.people import MEMBERS, ON_POSTGRESQL, ON_SQLITE, PASSWORD
from tests.servers import KEY, Server, board, is_running, within
from tests.stalling import stalled
from tests.streams import Frame, open_stream

DEADLINE = 20
SIGNED_OUT = [Frame(event="signed-out")]
pytestmark = MEMBERS
StartServer = Callable[..., Server]


def cursor() -> str:
    return Cursors([KEY]).sealed(messages.newest_cursor())


def at(server: Server, client: httpx2.Client) -> httpx2.Client:
    """Return the same signed-in browser at another server."""
    return httpx2.Client(base_url=server.url, cookies=client.cookies, timeout=DEADLINE)


def post(client: httpx2.Client, text: str) -> None:
    assert client.post("/api/message", json={"message": text}).status_code == 201


@ON_POSTGRESQL
def test_two_servers_on_one_database_are_one_board(start_server: StartServer) -> None:
    here, there = start_server(), start_server()
    alice, bob = here.sign_in("alice", PASSWORD), there.sign_in("bob", PASSWORD)
    with ExitStack() as stack:
        alice_there = stack.enter_context(at(there, alice))
        bobs = stack.enter_context(open_stream(bob, cursor()))
        alices = stack.enter_context(open_stream(alice_there, cursor()))
        post(alice, "Hello")
        assert [next(bobs).text, next(alices).text] == ["Hello", "Hello"]

        # Alice signs out here; there her page ends, and her token is refused.
        ended = time.monotonic()
        alice.get("/api/logout", headers={"Accept": "application/json"})
        assert list(alices) == SIGNED_OUT
        json = {"Accept": "application/json"}
        within(5, lambda: alice_there.get("/api/messages", headers=json).status_code == 401)
        assert time.monotonic() - ended < 5

        # Nobody but Alice has noticed; then somebody disables Bob on the command line.
        writing.post(1, "Still here")
        assert next(bobs).text == "Still here"
        assert board(here.environ["DATABASE_URL"], "user", "disable", "bob").returncode == 0
        ended = time.monotonic()
        assert list(bobs) == SIGNED_OUT
        assert time.monotonic() - ended < 5


@ON_POSTGRESQL
def test_a_servers_workers_are_one_board(start_server: StartServer) -> None:
    server = start_server(WORKERS="2")
    assert len(server.workers()) == 2
    alice = server.sign_in("alice", PASSWORD)
    with ExitStack() as stack:
        streams = [stack.enter_context(open_stream(alice, cursor())) for _ in range(8)]
        post(alice, "Hello")
        assert [next(stream).text for stream in streams] == ["Hello"] * 8
        assert server.stop() < 3
        assert [list(stream) for stream in streams] == [[]] * 8
    assert server.process
    assert server.process.returncode == 0


def test_sigterm_ends_50_streams_and_the_process_within_3_s(start_server: StartServer) -> None:
    server = start_server(STREAMS_PER_USER="50")
    alice = server.sign_in("alice", PASSWORD)
    (worker,) = server.workers()
    with ExitStack() as stack:
        streams = [stack.enter_context(open_stream(alice, cursor())) for _ in range(50)]
        assert server.stop() < 3
        # An end in the middle of an answer would raise.
        assert [list(stream) for stream in streams] == [[]] * 50
    assert server.process
    assert server.process.returncode == 0
    assert not is_running(worker)
    assert "the board has stopped" in server.output()  # the application's own last word


@ON_SQLITE
def test_a_server_that_stops_lets_go_of_kept_connections_first(start_server: StartServer) -> None:
    server = start_server()
    assert server.process
    with httpx2.Client(base_url=server.url) as client:
        assert "connection" not in client.get("/healthz").headers
        server.process.terminate()
        # None is broken off, nor refused, until one has said so.
        within(5, lambda: client.get("/healthz").headers.get("connection") == "close")
    server.process.wait(DEADLINE)


@ON_SQLITE
def test_sigterm_does_not_wait_for_a_reader_that_stalled(start_server: StartServer) -> None:
    server = start_server()
    alice = server.sign_in("alice", PASSWORD)
    with stall(server, alice):
        assert server.stop() < 3
    assert server.process
    assert server.process.returncode == 0


def stall(server: Server, client: httpx2.Client) -> socket.socket:
    """Open a stream that has much to replay, and read nothing."""
    start = cursor()
    with db.write():
        for _ in range(900):
            writing.post(1, "&" * writing.MAX_TEXT)
    return stalled(server, client, start)


def test_an_orphaned_worker_makes_room_for_a_new_server(start_server: StartServer) -> None:
    server = start_server()
    alice = server.sign_in("alice", PASSWORD)
    (worker,) = server.workers()
    assert server.process
    with stall(server, alice), open_stream(alice, cursor()) as stream:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        assert list(stream) == []
        within(10, lambda: not is_running(worker))
    server.start()
    post(alice, "Back again")


@ON_SQLITE
def test_a_crash_of_the_hub_replaces_the_process(
    start_server: StartServer, database_url: str
) -> None:
    server = start_server()
    alice = server.sign_in("alice", PASSWORD)
    (worker,) = server.workers()
    with open_stream(alice, cursor()) as stream, without_event_counter(database_url):
        assert list(stream) == []
    within(DEADLINE, lambda: server.workers() not in ([], [worker]) and server.ready())
    with open_stream(alice, cursor()) as stream:
        post(alice, "Back again")
        assert next(stream).text == "Back again"
    assert "a background task failed" in server.output()
    assert server.stop() < 3


@contextmanager
def without_event_counter(database_url: str) -> Generator[None]:
    """Take away what no code of ours takes away, and no hub can do without."""
    with closing(sqlite.library.connect(sqlite.file_of(database_url))) as connection:
        connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM event_counter")
        connection.execute("DELETE FROM event_counter")
        connection.commit()
        yield
        connection.execute("INSERT INTO event_counter SELECT * FROM kept")
        connection.commit()
