"""Several boards behind one nginx, and what becomes of requests when one of them dies."""

import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from service.data import db
from tests.nginx import upstreams
from tests.nginx.proxy import Nginx, running
from tests.people import (
    HTMX,
    MEMBERS,
    ON_POSTGRESQL,
    ONE_DATABASE,
    PASSWORD,
    PROGRAM,
    Person,
    post,
    texts,
)
from tests.servers import Server, within
from tests.streams import open_stream

StartServer = Callable[..., Server]


def behind(nginx: Nginx, server: Server, name: str, address: str) -> Person:
    return nginx.client(address, server.sign_in(name, PASSWORD).cookies)


def asked(nginx: Nginx) -> set[str]:
    """Return the servers that nginx has asked so far."""
    return {port_of(line) for line in nginx.access() if line["nginx.upstream.address"]}


def port_of(line: dict[str, Any]) -> str:
    return line["nginx.upstream.address"].rpartition(":")[2]


@ON_POSTGRESQL
@MEMBERS
def test_another_server_takes_over_from_one_that_is_killed(start_server: StartServer) -> None:
    servers = [start_server(TRUSTED_PROXIES="127.0.0.1") for _ in range(2)]
    with running(*(server.port for server in servers)) as nginx:
        writer = behind(nginx, servers[0], "alice", "127.0.0.2")
        reader = behind(nginx, servers[0], "bob", "127.0.0.3")
        sent = [f"Before {number}" for number in range(4)]
        cursor = writer.get("/api/messages", headers=PROGRAM).json()["cursor"]
        for text in sent:
            post(writer, text)
        within(5, lambda: asked(nginx) == {str(server.port) for server in servers})

        servers[0].kill()
        for number in range(8):
            sent.append(f"After {number}")
            post(writer, sent[-1])
            assert writer.get("/msgs").status_code == 200
            time.sleep(0.1)  # two of these a tenth of a second would be more than one may ask
        with reader.stream("GET", "/api/events", params={"after": cursor}) as stream:
            assert stream.status_code == 200
        assert texts(reader) == sent[::-1]

        servers[0].start()
        before = len(nginx.access())
        for _ in range(4):
            assert reader.get("/msgs").status_code == 200
        within(5, lambda: len(nginx.access()) >= before + 4)
        assert str(servers[0].port) in {port_of(line) for line in nginx.access()[before:]}


@contextmanager
def posts_held() -> Generator[None]:
    """Let posts wait until the block ends."""
    with db.write():
        db.database.execute_sql("UPDATE event_counter SET seq = seq")
        yield


@ON_POSTGRESQL
@MEMBERS
def test_a_planned_restart_breaks_off_no_post(start_server: StartServer) -> None:
    servers = [start_server(TRUSTED_PROXIES="127.0.0.1") for _ in range(2)]
    with running(*(server.port for server in servers)) as nginx:
        cookies = servers[0].sign_in("alice", PASSWORD).cookies
        stopping = threading.Event()

        def write(number: int) -> set[int]:
            writer, found = nginx.client(f"127.0.0.{number}", cookies), set()
            while not stopping.is_set():
                found.add(writer.post("/api/message", json={"message": "Hello"}).status_code)
                time.sleep(0.12)
            return found

        with ThreadPoolExecutor() as pool:
            writing = [pool.submit(write, number) for number in range(2, 6)]
            for server in servers:
                with posts_held():
                    time.sleep(0.5)  # so that each has one under way
                    assert server.process
                    server.process.terminate()
                    time.sleep(0.2)
                server.process.wait(30)
                server.start()
            stopping.set()
        assert [each.result() for each in writing] == [{201}] * 4


@ONE_DATABASE
@MEMBERS
def test_a_board_that_is_back_is_there_at_once(start_server: StartServer) -> None:
    server = start_server(TRUSTED_PROXIES="127.0.0.1")
    with running(server.port) as nginx:
        writer = behind(nginx, server, "alice", "127.0.0.2")
        assert post(writer, "Before")["id"] == 1
        server.kill()
        for _ in range(5):
            answer = writer.post("/api/message", json={"message": "Lost?", "client_key": "k"})
            assert answer.status_code == 502
            assert answer.headers["retry-after"] == "5"
        server.start()
        assert post(writer, "Lost?", client_key="k")["id"] == 2
        assert texts(writer) == ["Lost?", "Before"]


@ONE_DATABASE
@MEMBERS
def test_a_stream_that_broke_off_goes_on_where_it_was(start_server: StartServer) -> None:
    server = start_server(TRUSTED_PROXIES="127.0.0.1")
    with running(server.port) as nginx:
        writer = behind(nginx, server, "alice", "127.0.0.2")
        cursor = writer.get("/api/messages", headers=PROGRAM).json()["cursor"]
        with open_stream(writer, cursor) as frames:
            server.stop()
            assert list(frames) == []
        server.start()
        post(writer, "Meanwhile")
        answer = writer.get("/api/messages", params={"after": cursor}, headers=PROGRAM).json()
        assert [event["kind"] for event in answer["events"]] == ["posted"]


@pytest.mark.parametrize("caller", [PROGRAM, HTMX], ids=["program", "htmx"])
def test_a_post_is_never_repeated(caller: dict[str, str]) -> None:
    with (
        upstreams.upstream(upstreams.break_off) as one,
        upstreams.upstream(upstreams.break_off) as other,
        running(one.port, other.port) as nginx,
    ):
        for number in range(1, 5):
            answer = nginx.client().post("/api/message", json={"message": "Hi"}, headers=caller)
            assert answer.status_code == 502
            assert len(one.requests) + len(other.requests) == number


def test_a_post_is_not_repeated_over_a_connection_that_was_kept() -> None:
    with upstreams.upstream() as board, running(board.port) as nginx:
        for _ in range(4):
            assert nginx.client().get("/").text == "ok"
        board.answer = upstreams.break_off
        before = len(board.requests)
        assert nginx.client().post("/api/message", json={"message": "Hi"}).status_code == 502
        assert len(board.requests) == before + 1


def test_what_only_reads_is_asked_of_the_other_server() -> None:
    with (
        upstreams.upstream(upstreams.break_off) as broken,
        upstreams.upstream() as good,
        running(broken.port, good.port) as nginx,
    ):
        answers = [nginx.client().get("/msgs") for _ in range(6)]
        assert [answer.text for answer in answers] == ["ok"] * 6
        assert broken.requests
        # One that can't even be reached has received nothing, so a post goes on, too.
    with upstreams.upstream() as good, running(1, good.port) as nginx:
        for _ in range(4):
            assert nginx.client().post("/api/message", json={}).text == "ok"
        assert len(good.requests) == 4


def test_connections_to_the_board_are_kept() -> None:
    with upstreams.upstream() as board, running(board.port) as nginx:
        for _ in range(10):
            assert nginx.client().get("/").text == "ok"
        assert len(board.requests) == 10
        assert board.connections <= 2  # one for each of nginx's processes
        assert board.header("connection") == []
