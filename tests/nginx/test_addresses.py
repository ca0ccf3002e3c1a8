"""Who asks, and what is told and written down about them."""

import socket
import time
from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from tests import ecs
from tests.commands.saying import said
from tests.nginx import upstreams
from tests.nginx.proxy import PORT, Nginx, running
from tests.nginx.upstreams import Upstream
from tests.people import PROGRAM, Person, token
from tests.servers import Server, within

INGRESS, VISITOR = "127.0.0.9", "127.0.0.4"
GIVEN = "ingress-1234.abc"


@pytest.fixture
def board() -> Generator[Upstream]:
    with upstreams.upstream() as board:
        yield board


@pytest.fixture
def behind_ingress(board: Upstream) -> Generator[Nginx]:
    """Yield an nginx that a proxy at INGRESS is in front of."""
    with running(board.port, trusted=INGRESS) as nginx:
        yield nginx


def forwarded(board: Upstream) -> tuple[list[str], list[str]]:
    """Return the addresses and the schemes that the board was told."""
    return board.header("x-forwarded-for"), board.header("x-forwarded-proto")


# A visitor can't say who they are.


def test_a_visitor_has_the_address_of_the_connection_whatever_is_claimed(
    behind_ingress: Nginx, board: Upstream
) -> None:
    visitor = behind_ingress.client(VISITOR)
    for claimed in ("192.0.2.1", "127.0.0.1", INGRESS, f"192.0.2.1, {INGRESS}", "::1", "junk"):
        visitor.get(
            "/",
            headers=[
                ("X-Forwarded-For", claimed),
                ("X-Forwarded-For", claimed),
                ("X-Forwarded-Proto", "https"),
                ("X-Real-IP", claimed),
                ("X-Request-ID", "mine-mine-mine"),
            ],
        )
        assert forwarded(board) == ([VISITOR], ["http"])
        (request_id,) = board.header("x-request-id")
        assert len(request_id) == 32


def test_by_default_no_proxy_is_believed(nginx: Nginx, server: Server) -> None:
    answer = nginx.client("127.0.0.1").get("/healthz", headers={"X-Forwarded-For": "192.0.2.1"})
    line = told(server, answer)
    assert line["client.ip"] == "127.0.0.1"


# A named proxy can.


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("198.51.100.7, 192.0.2.1", "192.0.2.1"),  # the client wrote the first one
        (f"192.0.2.1, {INGRESS}", "192.0.2.1"),
        ("junk", INGRESS),
    ],
)
def test_a_named_proxy_says_who_asks(
    behind_ingress: Nginx, board: Upstream, chain: str, client: str
) -> None:
    behind_ingress.client(INGRESS).get("/", headers={"X-Forwarded-For": chain})
    assert forwarded(board) == ([client], ["http"])


@pytest.mark.parametrize(
    ("claimed", "scheme"),
    [
        *(
            (claimed, "https")
            for claimed in ("https", "wss", "HTTPS", "https,http", "https , http")
        ),
        *((claimed, "http") for claimed in ("http", "http, https", "gopher", "httpss", "")),
    ],
)
def test_a_named_proxy_says_whether_it_was_https(
    behind_ingress: Nginx, board: Upstream, claimed: str, scheme: str
) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": claimed}
    behind_ingress.client(INGRESS).get("/", headers=headers)
    assert forwarded(board) == (["192.0.2.1"], [scheme])


@pytest.mark.parametrize(
    ("address", "scheme"), [(INGRESS, "https"), (VISITOR, "http")], ids=["named", "visitor"]
)
def test_a_proxy_that_tells_no_address_says_whether_it_was_https(
    behind_ingress: Nginx, board: Upstream, address: str, scheme: str
) -> None:
    behind_ingress.client(address).get("/", headers={"X-Forwarded-Proto": "https"})
    assert forwarded(board) == ([address], [scheme])


@pytest.mark.parametrize(
    ("given", "taken"),
    [(GIVEN, True), ("short", False), ("x" * 65, False), ('"; DROP', False), ("a b c d e", False)],
)
def test_a_named_proxy_gives_a_request_its_id(
    behind_ingress: Nginx, board: Upstream, given: str, taken: bool
) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Request-ID": given}
    answer = behind_ingress.client(INGRESS).get("/", headers=headers)
    assert board.header("x-request-id") == [answer.headers["x-request-id"]]
    assert (answer.headers["x-request-id"] == given) is taken


def test_the_host_is_passed_on_with_its_port(behind_ingress: Nginx, board: Upstream) -> None:
    for host in ("board.example.org", "board.example.org:8443", "127.0.0.1:8080"):
        behind_ingress.client().get("/", headers={"Host": host})
        assert board.header("host") == [host]


# Both logs.


def told(server: Server, answer: httpx2.Response) -> dict[str, Any]:
    """Return the line that the board's log has about a request."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = [
            line
            for line in map(ecs.read, server.output().splitlines())
            if line["event.dataset"] == "board.access"
            and line["http.request.id"] == answer.headers["x-request-id"]
        ]
        return bool(found)

    within(5, is_there)
    (line,) = found
    return line


def test_a_request_has_one_id_in_both_logs_and_in_its_answer(
    nginx: Nginx, server: Server, visitor: Person
) -> None:
    answer = visitor.get("/nowhere", headers=PROGRAM)
    request_id = answer.headers["x-request-id"]
    assert answer.json()["request_id"] == request_id
    mine, boards = nginx.logged(request_id), told(server, answer)
    assert mine["client.ip"] == boards["client.ip"] == VISITOR
    assert mine["http.response.status_code"] == boards["http.response.status_code"] == 404
    assert (mine["http.request.method"], mine["url.path"]) == ("GET", "/nowhere")
    assert (mine["url.scheme"], mine["http.version"]) == ("http", "1.1")
    assert mine["event.outcome"] == "failure"
    assert mine["@timestamp"][19] == "."  # milliseconds
    taken = float(mine["nginx.upstream.seconds"])
    assert taken * 1e9 <= mine["event.duration"] + 1e6


def test_no_secret_is_in_nginxs_log(
    nginx: Nginx, server: Server, alice: Person, visitor: Person
) -> None:
    hush = said(server.environ["DATABASE_URL"], "token", "add", "alice", "Through nginx").strip()
    program = {"Authorization": f"Bearer {hush}", "Referer": f"http://x.test/?{hush}"}
    for person, headers in ((visitor, program), (alice, PROGRAM)):
        answer = person.get(f"/api/messages?q={hush}&token={hush}", headers=headers)
        assert answer.status_code == 200
        line = nginx.logged(answer.headers["x-request-id"])
        assert line["url.path"] == "/api/messages"
        assert hush not in str(line)
        assert hush not in str(told(server, answer))
    assert token(alice)[-20:] not in str(line)


def test_a_refused_request_is_logged_as_what_it_was(nginx: Nginx, visitor: Person) -> None:
    answers = [visitor.post("/api/login?hush", headers=PROGRAM) for _ in range(60)]
    line = nginx.logged(answers[-1].headers["x-request-id"])
    assert (line["url.path"], line["http.request.method"]) == ("/api/login", "POST")
    assert (line["http.response.status_code"], line["nginx.limit_req"]) == (429, "REJECTED")
    assert line["nginx.upstream.address"] == ""


def test_nothing_can_write_a_line_of_its_own(nginx: Nginx, visitor: Person) -> None:
    answer = visitor.get('/"%0A{"', headers={"User-Agent": '"}\t{"status":200'})
    line = nginx.logged(answer.headers["x-request-id"])
    assert line["user_agent.original"] == '"}\t{"status":200'
    assert len(nginx.access()) == 1  # and nginx's health is not in it


def test_what_is_no_text_is_cut_off(nginx: Nginx) -> None:
    sent = (
        b'GET /caf\xc3\xa9\xff"} HTTP/1.1\r\nHost: a\r\n'
        b"User-Agent: a \xff\xfe\xed\xa0\x80\r\nConnection: close\r\n\r\n"
    )
    for raw in (sent, b'\xff\x01"\r\n\r\n', b"G\xffT / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", PORT), timeout=10) as connection:
            connection.sendall(raw)
            while connection.recv(4096):
                pass
    within(5, lambda: len(nginx.access()) == 3)
    line = nginx.access()[0]
    assert (line["url.path"], line["user_agent.original"]) == ("/caf", "a ")


def answer_after(wait: float, board: socket.socket) -> None:
    """Ask nginx, and answer as the board that it asks, so many seconds later."""
    ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as visitor:
        visitor.sendall(ask)
        asked, _ = board.accept()
        with asked:
            asked.recv(4096)
            time.sleep(wait)
            asked.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        assert visitor.recv(4096)


def test_how_long_a_request_took_is_in_nanoseconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as board, running(board.getsockname()[1]) as nginx:
        for wait in (0.0, 0.03, 1.1):
            answer_after(wait, board)
        within(5, lambda: len(nginx.access()) == 3)
        took = [line["event.duration"] / 1e9 for line in nginx.access()]
    assert 0.03 <= took[1] < took[2]
    assert 1.1 <= took[2] < 20
