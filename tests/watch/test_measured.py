"""A real server that measures itself: several workers, some of them killed."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.messages import messages
from tests.people import MEMBERS, ON_POSTGRESQL, ON_SQLITE, PASSWORD
from tests.servers import Server, board, free_port, is_running, within
from tests.streams import open_stream

pytestmark = MEMBERS
StartServer = Callable[..., Server]
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(server: Server) -> Values:
    answer = httpx2.get(f"http://127.0.0.1:{server.environ['METRICS_PORT']}/metrics", timeout=10)
    assert answer.status_code == 200
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


def value(server: Server, name: str, **labels: str) -> float | None:
    return scrape(server).get((f"board_{name}", frozenset(labels.items())))


def requests(server: Server, route: str) -> float:
    """Return how many requests there were for a route."""
    name = "board_http_request_duration_seconds_count"
    found = scrape(server).items()
    return sum(
        count for (each, labels), count in found if each == name and ("route", route) in labels
    )


def counts(values: Values) -> Values:
    endings = ("_total", "_count", "_bucket", "_sum")
    return {key: each for key, each in values.items() if key[0].endswith(endings)}


@ON_POSTGRESQL
def test_workers_are_summed_and_a_killed_one_takes_no_count_along(
    start_server: StartServer,
) -> None:
    server = start_server(WORKERS="2", METRICS_PORT=str(free_port()))
    alice = server.sign_in("alice", PASSWORD)
    start = str(messages.newest_cursor())
    with open_stream(alice, start), open_stream(alice, start):
        for number in range(20):  # each by a connection of its own, so that both workers serve
            json = {"message": f"{number}", "client_key": f"post-{number}"}
            posted = httpx2.post(f"{server.url}/api/message", json=json, cookies=alice.cookies)
            assert posted.status_code == 201
        within(10, lambda: value(server, "streams_open") == 2)
        assert value(server, "messages_posted_total") == 20
        assert requests(server, "/api/message") == 20
        before = counts(scrape(server))
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        within(20, lambda: len(server.workers()) == 2 and server.ready())
    after = counts(scrape(server))
    assert {key for key, each in before.items() if after.get(key, 0) < each} == set()
    within(10, lambda: value(server, "streams_open") == 0)
    alice = server.sign_in("alice", PASSWORD)
    alice.post("/api/message", json={"message": "20"})
    assert value(server, "messages_posted_total") == 21


@ON_SQLITE
def test_one_worker_is_measured_as_many_are(start_server: StartServer) -> None:
    server = start_server(METRICS_PORT=str(free_port()))
    alice = server.sign_in("alice", PASSWORD)
    for _ in range(2):  # a request that is repeated posts once
        alice.post("/api/message", json={"message": "Hello", "client_key": "once"})
    assert value(server, "messages_posted_total") == 1
    assert value(server, "delivery_seconds_count") == 1
    os.kill(*server.workers(), signal.SIGKILL)
    within(20, lambda: len(server.workers()) == 1 and server.ready())
    assert value(server, "messages_posted_total") == 1
    os.kill(*server.workers(), signal.SIGSTOP)  # one that hangs keeps no scrape waiting
    assert value(server, "messages_posted_total") == 1


@ON_SQLITE
def test_after_a_supervisor_that_was_killed_counts_begin_anew(start_server: StartServer) -> None:
    server = start_server(METRICS_PORT=str(free_port()))
    alice = server.sign_in("alice", PASSWORD)
    alice.post("/api/message", json={"message": "Hello"})
    assert value(server, "messages_posted_total") == 1
    (worker,) = server.workers()
    assert server.process
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    with pytest.raises(httpx2.ConnectError):  # its orphan has not got the port
        scrape(server)
    within(10, lambda: not is_running(worker))
    server.start()
    assert value(server, "messages_posted_total") == 0
    assert value(server, "streams_open") == 0


@ON_SQLITE
def test_a_port_that_is_taken_is_said_in_one_sentence(database_url: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        done = board(database_url, "serve", METRICS_PORT=port, PORT=str(free_port()))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Can't listen on 127.0.0.1:{port}" in done.stderr
    assert "METRICS_PORT" in done.stderr
