"""`/metrics`: what the workers count, served by the process that supervises them.

Each worker counts in files of its own; here they are only read, so that a worker which hangs keeps
nobody waiting.
"""

import fcntl
import logging
import os
import shutil
import socket
import socketserver
import stat
import sys
import tempfile
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, override
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from service.base.metrics import FOLDER

PATH = "/metrics"
MEMORY = Path("/dev/shm")  # noqa: S108, a folder of our own in it
PATIENCE = 10  # seconds for a client to ask, and to take the answer
AT_ONCE = 8  # clients; whoever comes beside them is hung up on
STOP_LOOK = 0.2  # seconds between two looks whether to stop
GONE = 0  # in place of a process's id: all that have ended
KEPT = ("counter", "histogram")  # what goes on counting when its process has ended

logger = logging.getLogger(__name__)


@contextmanager
def served(host: str, port: int) -> Generator["Counts"]:
    """Serve `/metrics` meanwhile; yield what is to bury each worker that has ended.

    Raises OSError if the port or the folder can't be had.
    """
    with _Server(host, port) as server, _emptied(_folder(host, port)) as folder:
        os.environ[FOLDER] = str(folder)  # before the library is imported, here and in workers
        from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415, as above

        counts = Counts(folder)
        registry = CollectorRegistry()
        registry.register(counts)
        server.set_app(partial(_answer, make_wsgi_app(registry)))
        os.register_at_fork(after_in_child=server.socket.close)  # or an orphan keeps the port
        serve = partial(server.serve_forever, STOP_LOOK)
        threading.Thread(target=serve, name="metrics", daemon=True).start()
        try:
            yield counts
        finally:
            server.shutdown()
            del os.environ[FOLDER]


class Counts:
    """What all processes have counted, as a collector of `prometheus_client`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()  # nothing is read while it moves

    def collect(self) -> Iterable[Any]:
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415, see above

        with self._lock:
            return MultiProcessCollector(None, str(self._folder)).collect()

    def bury(self, pid: int) -> None:
        """Add what a process that has ended had counted to that of the others that did.

        So no count goes down, and the folder does not grow with each process.
        """
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415, see above

        with self._lock:
            mark_process_dead(pid, str(self._folder))
            for kind in KEPT:
                file = self._folder / f"{kind}_{pid}.db"
                if file.exists():
                    _add(file, self._folder / f"{kind}_{GONE}.db")
                    file.unlink()


def _add(file: Path, to: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415, see above

    if not file.stat().st_size:  # its process ended as it made it
        return
    sums = MmapedDict(str(to))
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(file)):
        sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    sums.close()


def _folder(host: str, port: int) -> Path:
    """Return a folder that is nobody else's; a server of the same place finds the same one.

    In memory, where there is some: the library maps files with holes, and to write into one on a
    disk that is full kills the process. A few hundred kilobytes for each worker.
    """
    memory = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else tempfile.gettempdir()
    return Path(memory) / f"board-metrics-{os.getuid()}-{host}-{port}"


@contextmanager
def _emptied(folder: Path) -> Generator[Path]:
    """Yield a folder without what an earlier run has left, and remove it."""
    folder.mkdir(0o700, exist_ok=True)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise PermissionError(0, f"{folder} is not this user's alone: remove it")
    for left in folder.iterdir():
        left.unlink()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # systemd-tmpfiles lets alone what is locked
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: it is asked every few seconds."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = AT_ONCE

    def __init__(self, host: str, port: int) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self.address_family, address = found[0], found[4]
        self._free = threading.Semaphore(AT_ONCE)
        super().__init__(address, _Handler)  # ty: ignore[invalid-argument-type]

    @override
    def server_bind(self) -> None:
        # Its parent asks the name service who it is.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # ty: ignore[invalid-assignment]
        self.setup_environ()

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    @override
    def process_request_thread(self, request: Any, client_address: Any) -> None:
        late = threading.Timer(PATIENCE, _hang_up, [request])  # one that drips is never idle
        late.daemon = True
        late.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            late.cancel()
            self._free.release()

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log it unless it is the client that has gone or was too slow: its parent prints that."""
        logger.log(
            logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR,
            "a client of the metrics failed",
            exc_info=True,
        )


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _answer(
    metrics: WSGIApplication, environ: WSGIEnvironment, start: StartResponse
) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    if environ["PATH_INFO"] != PATH:
        return _say(start, "404 Not Found")
    if method not in {"GET", "HEAD"}:
        return _say(start, "405 Method Not Allowed", ("Allow", "GET, HEAD"))
    try:
        body = metrics({**environ, "REQUEST_METHOD": "GET"}, start)
    except Exception:
        logger.exception("the metrics can't be read")
        return _say(start, "500 Internal Server Error")
    return body if method == "GET" else []


def _say(start: StartResponse, status: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain"), *headers])
    return [f"{status}\n".encode()]
