"""A network that can be cut, and answers that come late or never."""

import socket
import threading
from contextlib import suppress

from playwright.sync_api import APIResponse, Page, Route

from tests.browser.board import eventually

CHUNK = 65536  # bytes
STREAM = b"GET /api/events"
# What a browser's console says of a network that is away.
AWAY = ("net::ERR_", "htmx:(sse:)?error: (network error|Failed to fetch)")


class Cable:
    """A TCP relay in front of the board, to be cut, mended, and stopped for the stream alone."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._whole = True
        self._stream_flows = threading.Event()
        self._stream_flows.set()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break every connection and let no new one through."""
        self._whole = False
        for end in list(self._open):
            _shut(end)

    def mend(self) -> None:
        self._whole = True

    def hold_stream(self) -> None:
        """Keep what the stream brings until it is let go."""
        self._stream_flows.clear()

    def let_stream_go(self) -> None:
        self._stream_flows.set()

    def close(self) -> None:
        self.let_stream_go()
        self.cut()
        _shut(self._listener)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._whole:
                    self._connect(near)
                else:
                    near.close()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._target)
        except OSError:
            near.close()
            return
        self._open |= {near, far}
        thread = threading.Thread(target=self._relay, args=(near, far), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _relay(self, near: socket.socket, far: socket.socket) -> None:
        streaming = threading.Event()
        back = threading.Thread(target=self._relay_back, args=(near, far, streaming), daemon=True)
        back.start()
        with suppress(OSError):
            while data := near.recv(CHUNK):
                if data.startswith(STREAM):
                    streaming.set()
                else:
                    streaming.clear()
                far.sendall(data)
        _shut(far)
        back.join()
        self._open -= {near, far}
        near.close()
        far.close()

    def _relay_back(
        self, near: socket.socket, far: socket.socket, streaming: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := far.recv(CHUNK):
                if streaming.is_set():
                    self._stream_flows.wait()
                near.sendall(data)
        _shut(near)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


class LateAnswers:
    """Lets requests through to the board, and keeps their answers until they are let go."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._held: list[tuple[Route, APIResponse]] = []
        self._late = True
        self._page = page
        page.route(pattern, self._hold)

    def wait(self) -> None:
        """Wait until the board has answered."""
        eventually(self._page, lambda: self._held)

    def let_go(self) -> None:
        self.wait()
        self._late = False
        for route, answer in self._held:
            route.fulfill(response=answer)

    def lose(self) -> None:
        self.wait()
        self._late = False
        for route, _ in self._held:
            route.abort("connectionreset")

    def _hold(self, route: Route) -> None:
        if self._late:
            self._held.append((route, route.fetch()))
        else:
            route.continue_()
