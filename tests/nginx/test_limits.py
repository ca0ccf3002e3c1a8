"""How often somebody may ask, and how much they may send."""

import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from service.base.errors import MAX_BODY
from tests.nginx.proxy import PORT, Nginx, running
from tests.people import PASSWORD, PROBLEM, PROGRAM, Person
from tests.servers import Server

MANY = 60  # requests, sent within a second or two
WRONG = {"username": "alice", "password": "guessed"}


def statuses(ask: Callable[[], int], times: int) -> tuple[list[int], float]:
    """Ask so many times; return what came of it, and the seconds it took."""
    started = time.monotonic()
    found = [ask() for _ in range(times)]
    return found, time.monotonic() - started


def ten_a_second(found: list[int], seconds: float) -> bool:
    """Say whether ten came through at once, and of the rest no more than ten a second."""
    passed = sum(status != 429 for status in found)
    return 429 not in found[:10] and 429 in found and passed <= 10 + 10 * seconds


def test_the_eleventh_request_at_once_is_refused(alice: Person) -> None:
    def ask() -> int:
        return alice.get("/api/messages", headers=PROGRAM).status_code

    found, seconds = statuses(ask, MANY)
    assert set(found) == {200, 429}
    assert ten_a_second(found, seconds)
    time.sleep(1)
    assert ask() == 200


def test_what_one_address_has_used_up_another_one_still_has(nginx: Nginx, visitor: Person) -> None:
    assert 429 in statuses(lambda: visitor.get("/api/messages").status_code, MANY)[0]
    neighbour = nginx.client("127.0.0.5")
    assert neighbour.get("/api/messages", headers=PROGRAM).status_code == 401


def test_an_office_signs_in_at_once_and_the_sixth_that_fails_is_refused(nginx: Nginx) -> None:
    office = nginx.client("127.0.0.6")
    right = WRONG | {"password": PASSWORD}
    for _ in range(15):
        assert office.post("/api/login", json=right, headers=PROGRAM).status_code == 200

    office.cookies.clear()
    answers = [office.post("/api/login", json=WRONG, headers=PROGRAM) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[0].json()["detail"] == "The username or the password is wrong."
    assert 1 < int(answers[-1].headers["retry-after"]) <= 60
    # It was the board that counted, by the address that nginx told it.
    assert nginx.logged(answers[-1].headers["x-request-id"])["nginx.limit_req"] == "PASSED"


@pytest.mark.parametrize(
    "path",
    ["/api/login", "/api/log%69n", "/api//login", "/api/./login", "/api/account/password"],
)
def test_whoever_asks_to_sign_in_all_the_time_asks_the_board_once_a_second(
    nginx: Nginx, visitor: Person, path: str
) -> None:
    started = time.monotonic()
    answers = [visitor.post(path, headers=PROGRAM) for _ in range(MANY)]
    passed = sum(answer.status_code != 429 for answer in answers)
    assert 30 <= passed <= 30 + time.monotonic() - started
    (refused, *_) = [answer for answer in answers if answer.status_code == 429]
    assert refused.headers["retry-after"] == "1"
    assert nginx.logged(refused.headers["x-request-id"])["nginx.upstream.address"] == ""


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_of_pages_a_hundred_come_at_once_and_then_thirty_a_second(
    nginx: Nginx, visitor: Person, path: str
) -> None:
    with ThreadPoolExecutor(8) as pool:  # one client after the other waits for the board
        started = time.monotonic()
        answers = list(pool.map(lambda _: visitor.get(path, headers=PROGRAM), range(250)))
        seconds = time.monotonic() - started
    passed = sum(answer.status_code != 429 for answer in answers)
    assert 100 <= passed <= 101 + 30 * seconds
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.headers["retry-after"], refused.headers["content-type"]) == ("1", PROBLEM)
    assert nginx.logged(refused.headers["x-request-id"])["nginx.upstream.address"] == ""


@pytest.mark.parametrize("path", ["/static/css/style.css", "/api/events", "/nginx-healthz"])
def test_an_office_gets_its_files_and_streams_at_once(visitor: Person, path: str) -> None:
    assert 429 not in statuses(lambda: visitor.get(path).status_code, 150)[0]


def test_nobody_sends_more_than_32_bodies_at_a_time(nginx: Nginx, alice: Person) -> None:
    head = b"POST /msgs HTTP/1.1\r\nHost: board.test\r\nAccept: application/json\r\n"
    with ExitStack() as stack:
        sending = [stack.enter_context(_connection("127.0.0.2")) for _ in range(33)]
        for connection in sending:
            connection.sendall(head + b"Content-Length: 60000\r\n\r\n" + b"x" * 1000)
        refused, _, _ = select.select(sending, [], [], 5)
        answers = [connection.recv(4000).decode() for connection in refused]
        assert [answer.split()[1] for answer in answers] == ["429"]
        assert "\r\nRetry-After: 1\r\n" in answers[0]
        # Who reads is not held up, nor is anybody elsewhere.
        assert alice.get("/api/messages", headers=PROGRAM).status_code == 200
        neighbour = nginx.client("127.0.0.5")
        assert neighbour.post("/api/message", headers=PROGRAM).status_code == 401


def _connection(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", PORT), timeout=5, source_address=(address, 0))


def test_a_household_shares_its_limit_and_its_neighbours_do_not(server: Server) -> None:
    with running(server.port, trusted="127.0.0.9") as nginx:
        proxy = nginx.client("127.0.0.9")

        def ask(address: str) -> int:
            return proxy.get("/api/messages", headers={"X-Forwarded-For": address}).status_code

        addresses = iter(f"2001:db8:0:1::{number:x}" for number in range(1, MANY + 1))
        assert ten_a_second(*statuses(lambda: ask(next(addresses)), MANY))
        assert ask("2001:db8:0:2::1") == 401


def test_the_largest_body_is_that_of_the_board(nginx: Nginx, alice: Person, server: Server) -> None:
    fits = b"message=Hello&x=" + b"x" * (MAX_BODY - 16)
    form = {"content-type": "application/x-www-form-urlencoded", **PROGRAM}
    assert alice.post("/api/message", content=fits, headers=form).status_code == 201
    answer = alice.post("/api/message", content=fits + b"x", headers=form)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    # The board would have refused it, too; but it was not asked.
    assert nginx.logged(answer.headers["x-request-id"])["nginx.upstream.address"] == ""
    direct = server.sign_in("alice", PASSWORD)
    assert direct.post("/api/message", content=fits + b"x", headers=form).status_code == 413
