"""The doctor looks at the way to the board's public address, before anybody signs in there."""

import socket

import pytest

from service.doctor import proxy as proxy_check
from tests.patient import Ask, sessions_made
from tests.people import ONE_DATABASE
from tests.reverse_proxy import ReverseProxy, proxied
from tests.servers import free_port

# The way there.


@ONE_DATABASE
@pytest.mark.parametrize(
    "url",
    [
        "board.example.org",
        "ftp://board",
        "https://",
        "http://board/x?y",
        "http://a:b@board",
        "http://b:0",
    ],
)
def test_what_is_no_address(ask: Ask, url: str) -> None:
    assert ask(url) == ["--url is no address such as https://board.example.org: mend it."]


@ONE_DATABASE
def test_an_address_as_browsers_write_it(database: None) -> None:
    for url, origin in (
        ("HTTPS://Board.Example.ORG:443/", "https://board.example.org"),
        ("http://board:80", "http://board"),
        ("http://board:8080", "http://board:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ):
        assert proxy_check.origin_of(url) == origin


@ONE_DATABASE
def test_nothing_listens_at_the_address(ask: Ask) -> None:
    port = free_port()
    expected = f"Nothing listens at 127.0.0.1:{port}: start the proxy there, or open its port."
    assert ask(f"http://127.0.0.1:{port}") == [expected]
    (finding,) = ask("https://nowhere.invalid")
    assert finding.startswith("nowhere.invalid is a name without an address: ")
    assert ask("https://bad..name") == ["bad..name can be no name of a machine: mend --url."]


@ONE_DATABASE
def test_what_answers_too_late_is_a_finding(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_check.probe, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (finding,) = ask(f"http://127.0.0.1:{port}")
    assert finding.startswith(
        f"127.0.0.1:{port} does not answer within 0.2 s: look at the firewall"
    )


@ONE_DATABASE
@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (502, {}, b"Bad gateway", "The proxy at {url} does not reach the board (502): start "),
        (200, {}, b"Welcome to nginx!", "What answers at {url} is no board (200 for /healthz): "),
        (404, {}, b"", "What answers at {url} is no board (404 for /healthz): "),
        (
            301,
            {"Location": "https://board.example.org/healthz?x=\x1b[31m"},
            b"",
            "{url} sends everybody on to https://board.example.org: give that as --url",
        ),
        (302, {"Location": "/log\x1bin"}, b"", "{url} sends everybody on to {url}/log?in: give "),
    ],
)
def test_what_answers_there_is_no_board(
    ask: Ask, status: int, headers: dict[str, str], body: bytes, expected: str
) -> None:
    proxy = ReverseProxy(0, answers={"/healthz": (status, headers, body)})
    with proxied(proxy):
        (finding,) = ask(proxy.url)
        assert finding.startswith(expected.format(url=proxy.url))
        assert proxy.asked == ["/healthz"]  # nobody is signed in where no board is
    assert sessions_made() == 0
