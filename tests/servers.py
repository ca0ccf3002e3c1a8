"""Real servers in processes of their own, to be stopped, killed and started again."""

import atexit
import functools
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2

from service.watch.scraped import MEMORY
from tests import ecs, lines

START_TIMEOUT = 60  # seconds; the machine may be busy
PROJECT = Path(__file__).parent.parent
KEY = secrets.token_urlsafe(48)
# The one file, to be tested in place of this checkout.
BUILT = os.environ.get("TEST_PROGRAM") and str(PROJECT / os.environ["TEST_PROGRAM"])
PROGRAM = [BUILT] if BUILT else [sys.executable, "-m", "service"]
NAME = "htmx-fastapi-service" if BUILT else "board"
# For clients of plain HTTP. By itself each would read all authorities of the world, in 25 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def environment() -> dict[str, str]:
    """Return what a program finds in its environment: for the one file, nothing but its folder."""
    return {"DATA_DIR": _data_dir()} if BUILT else dict(os.environ)


@functools.cache
def _data_dir() -> str:
    folder = tempfile.mkdtemp(prefix="board-data-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def within(seconds: float, condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Say whether somebody answers there, and well."""
    try:
        return httpx2.get(url, timeout=2, verify=NO_TLS).is_success
    except httpx2.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def board(
    database_url: str, *arguments: str, stdin: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the board's and return how it went."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=PROJECT,
        env={**environment(), "DATABASE_URL": database_url, "SECRET_KEY": KEY, **environ},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT,
        check=False,
    )


def is_running(pid: int) -> bool:
    """Say whether the process is there and not a zombie that nobody has buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = " ".join((task / "children").read_text() for task in tasks)
    return [int(child) for child in found.split()]


class Server:
    """`board serve` on a port and a database that stay the same over restarts."""

    command = "serve"
    program = PROGRAM
    folder = PROJECT

    def __init__(self, database_url: str, log: Path, environ: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[httpx2.Client] = []
        self.environ = {
            **environment(),
            "SECRET_KEY": KEY,
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "TMPDIR": str(log.parent),  # where there is no memory for its counts
            "CHANGES_PER_MINUTE": "1000000",  # no person types as fast as a test
            "LOG_FORMAT": "ecs",
            **environ,
        }

    def start(self) -> None:
        """Start, and wait until the board is ready."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start, and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.program, self.command],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        assert self.process
        deadline = time.monotonic() + START_TIMEOUT
        while not self.ready():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def ready(self) -> bool:
        return answers(f"{self.url}/readyz")

    def output(self) -> str:
        return self.log.read_text()

    def messages(self) -> list[str]:
        """Return the words of each line of the log."""
        return [ecs.read(line)["message"] for line in self.output().splitlines()]

    def workers(self) -> list[int]:
        """Return the ids of the processes that serve."""
        assert self.process
        return children(self.process.pid)

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        self._signal_group(signal.SIGKILL)

    def stop(self) -> float:
        """Ask the server to stop; return the seconds it took."""
        assert self.process
        started = time.monotonic()
        self.process.terminate()
        self.process.wait(timeout=30)
        return time.monotonic() - started

    def close(self) -> None:
        """Leave nothing behind; raise Wrong for a line of the log that must not be."""
        for client in self._clients:
            client.close()
        self.kill()
        if port := self.environ.get("METRICS_PORT"):  # one that is killed leaves its counts
            for left in MEMORY.glob(f"board-metrics-*-{port}"):
                shutil.rmtree(left)
        # What `dev` says is for people, and nobody waits for the last line of one that is killed.
        if self.environ["LOG_FORMAT"] == "ecs" and self.command != "dev" and self.log.exists():
            lines.check(self.output().rpartition("\n")[0].splitlines())

    def _signal_group(self, number: int) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(timeout=10)

    def sign_in(self, name: str, password: str, zone: str = "UTC") -> httpx2.Client:
        """Return a client that is signed in."""
        client = httpx2.Client(base_url=self.url, timeout=20, verify=NO_TLS)
        self._clients.append(client)
        answer = client.post(
            "/api/login", json={"username": name, "password": password, "user_timezone": zone}
        )
        assert answer.status_code == 200, answer.text
        return client
