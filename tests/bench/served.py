"""A server that is measured: where it listens, and what its processes use."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.commands.running import ALLOCATOR, HTTP_BUFFER
from tests.people import PASSWORD
from tests.servers import PROJECT, Server, children, free_port

START_TIMEOUT = 30  # seconds
STREAMS = 100_000  # more than there will be, for board and reference
EMPTY = "tests.bench.empty:app"


@dataclass(frozen=True)
class Served:
    """A server's port, and the process that started all of it."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processor(self) -> float:
        """Return the seconds of a core that its processes have used."""
        return sum(_processor(pid) for pid in _family(self.pid))

    def mebibytes(self) -> float:
        """Return what memory its processes take, shared pages counted by their share."""
        return sum(_kibibytes(pid) for pid in _family(self.pid)) / 1024


def _family(pid: int) -> list[int]:
    return [pid, *(each for child in children(pid) for each in _family(child))]


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kibibytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextmanager
def board(
    url: str, folder: Path, release: Path | None = None, **environ: str
) -> Generator[tuple[Served, Server]]:
    """Serve a board, of this checkout or of a release elsewhere, until the block ends."""
    server = Server(url, folder / "log", {"LOG_FORMAT": "human", **environ})
    if release:
        server.program, server.folder = [sys.executable, "-m", "service"], release
    server.start()
    try:
        assert server.process
        yield Served(server.port, server.process.pid), server
    finally:
        server.close()


def cookie(server: Server, name: str = "alice") -> str:
    """Return what somebody's browser sends once they are signed in."""
    cookies = server.sign_in(name, PASSWORD).cookies
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def granian(app: str, port: int) -> list[str]:
    """Return the command that serves an application as the board is served, by one process."""
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--no-log", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--http", "1"]
    command += ["--http1-buffer-size", str(HTTP_BUFFER), "--backpressure", str(STREAMS)]
    return [*command, "--workers-kill-timeout", "2", app]


@contextmanager
def reference(app: str) -> Generator[Served]:
    """Serve such an application until the block ends."""
    port = free_port()
    with running(granian(app, port), port, {**os.environ, "_RJEM_MALLOC_CONF": ALLOCATOR}) as it:
        yield it


@contextmanager
def running(command: list[str], port: int, environ: dict[str, str]) -> Generator[Served]:
    """Run a server until the block ends, which begins once it listens."""
    with subprocess.Popen(
        command, cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            asyncio.run(_listening(port))
            yield Served(port, process.pid)
        finally:
            process.terminate()


async def _listening(port: int) -> None:
    async with asyncio.timeout(START_TIMEOUT):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
