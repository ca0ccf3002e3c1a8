"""Live changes pass as they come."""

import re
import socket
import threading
import time

import pytest
from websockets.sync.client import connect

from service.live.streams import HEARTBEAT
from tests.nginx import upstreams
from tests.nginx.proxy import FOLDER, PORT, Nginx, running
from tests.people import Person, listed, post
from tests.streams import open_stream

AT_ONCE = 5.0  # seconds; the machine may be busy, and a buffer would wait for ever


def test_a_message_is_on_everybodys_page_at_once(alice: Person, bob: Person) -> None:
    with open_stream(alice, listed(alice)["cursor"]) as frames:
        for text in ("First", "Second"):
            post(bob, text)
            posted = time.monotonic()
            assert next(frames).text == text
            assert time.monotonic() - posted < AT_ONCE


def test_streams_are_not_compressed(nginx: Nginx, alice: Person) -> None:
    with alice.stream("GET", "/api/events", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        assert "x-accel-buffering" not in answer.headers


@pytest.mark.parametrize("path", ["/api/events", "/api/ws"])
def test_a_stream_is_passed_on_piece_by_piece_whatever_it_is(path: str) -> None:
    """The board asks for it in a header of its own; other releases may not."""
    read = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfirst")
        read.wait(10)
        connection.sendall(b"second")
        connection.shutdown(socket.SHUT_RDWR)

    with (
        upstreams.upstream(drip) as slow,
        running(slow.port) as nginx,
        nginx.client().stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        pieces = answer.iter_raw()
        assert next(pieces) == b"first"
        read.set()
        assert b"".join(pieces) == b"second"


def test_streams_outlive_the_silence_between_two_heartbeats() -> None:
    text = (FOLDER / "nginx.conf").read_text()
    (stream,) = re.findall(r"location ~ \^/api/\(events\|ws\)\$ \{.*?\}", text, re.DOTALL)
    timeouts = re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", stream)
    assert len(timeouts) == 2
    assert all(2 * HEARTBEAT < int(seconds) < 120 for seconds in timeouts)


def test_a_stream_of_somebody_who_left_is_ended(nginx: Nginx, alice: Person) -> None:
    """Else every page ever opened would count towards the board's limit."""
    for _ in range(25):  # more than one user may have open
        with open_stream(alice, listed(alice)["cursor"]):
            pass
        time.sleep(0.1)


def test_web_sockets_speak_both_ways() -> None:
    with (
        upstreams.websockets() as port,
        running(port),
        connect(f"ws://127.0.0.1:{PORT}/api/ws", compression=None) as near,
        connect(f"ws://127.0.0.1:{PORT}/api/ws") as other,
    ):
        assert near.recv(timeout=5) == other.recv(timeout=5) == "welcome"
        for message in ("Hello", b"\x00\xff" * 40_000, "Bye"):
            near.send(message)
            assert near.recv(timeout=5) == message
        other.send("Still there")
        assert other.recv(timeout=5) == "Still there"


def test_only_web_sockets_can_change_the_protocol() -> None:
    with upstreams.upstream() as plain, running(plain.port) as nginx:
        for given, passed in (
            ("h2c", []),
            ("websocket", ["websocket"]),
            ("WebSocket", ["websocket"]),
        ):
            headers = {"Upgrade": given, "Connection": "Upgrade, HTTP2-Settings"}
            nginx.client().get("/api/ws", headers=headers)
            assert plain.header("upgrade") == passed
            assert plain.header("connection") == (["upgrade"] if passed else [])
