"""The network between a board and its PostgreSQL, to be cut and mended."""

import socket
import threading
from contextlib import suppress

from psycopg2.extensions import parse_dsn


class Proxy:
    """Listens on a TCP port while it is up, and passes everything on to PostgreSQL."""

    def __init__(self, database_url: str) -> None:
        self._dsn = parse_dsn(database_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._listener.close()

    @property
    def url(self) -> str:
        login = ":".join(filter(None, (self._dsn["user"], self._dsn.get("password"))))
        return f"postgresql://{login}@127.0.0.1:{self.port}/{self._dsn['dbname']}"

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and drop those there are."""
        for end in (self._listener, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = self._connect()
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=ends, daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = self._dsn.get("host", "localhost"), self._dsn.get("port", "5432")
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
