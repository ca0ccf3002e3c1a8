"""Small servers in the board's place, to see what nginx makes of what boards may do."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Upstream:
    """A server that keeps all requests it got, and answers as it is told to."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    def header(self, name: str) -> list[str]:
        """Return every value that a header had in the last request."""
        lines = self.requests[-1].partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        named = [line.partition(": ") for line in lines]
        return [value for found, _, value in named if found.lower() == name.lower()]


def say_ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def break_off(connection: socket.socket) -> None:
    """Close the connection without a word, after all that was sent has been read."""
    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def upstream(answer: Callable[[socket.socket], None] = say_ok) -> Generator[Upstream]:
    """Run such a server until the block ends."""
    made = Upstream(answer)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            made.connections += 1
            with suppress(OSError):
                while request := self._read():
                    made.requests.append(request)
                    made.answer(self.connection)

        def _read(self) -> bytes:
            head = length = b""
            while (line := self.rfile.readline()).strip():
                head += line
                if line.lower().startswith(b"content-length:"):
                    length = line.partition(b":")[2]
            return head and head + b"\r\n" + self.rfile.read(int(length or 0))

    class QuietServer(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with QuietServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield made
        server.shutdown()


@contextmanager
def websockets() -> Generator[int]:
    """Run a server of WebSockets that greets and then echoes; yield its port."""

    def echo(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            connection.send("welcome")
            for message in connection:
                connection.send(message)

    with serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield _port(server)
        server.shutdown()
        thread.join()


def _port(server: Server) -> int:
    return server.socket.getsockname()[1]
