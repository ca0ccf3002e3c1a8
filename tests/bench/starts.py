"""How long the checkout and the one file take to answer."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import httpx2

from tests.bench import served
from tests.bench.rows import Figure, Row, Run, of_times
from tests.servers import KEY, PROJECT, free_port

FILE = PROJECT / "dist" / "htmx-fastapi-service"
PAUSE = 0.005  # seconds between two tries
CHECKOUT = [sys.executable, "-m", "service", "serve"]
EMPTY = "empty"

Start = Callable[[], tuple[float, float]]  # milliseconds, and a processor's seconds


def starts(run: Run) -> Iterator[Row]:
    """Milliseconds from the start of a server to its first answer, beside an empty FastAPI's."""
    with tempfile.TemporaryDirectory() as folder:
        works = _works(Path(folder))
        for start in works.values():  # once to warm up
            start()
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for _ in range(run.runs):  # in turn, so that a noisy moment meets all
            for name, start in works.items():
                rounds[name].append(start())
    figures = {name: _figure(each) for name, each in rounds.items()}
    reference = figures.pop(EMPTY)
    for name, figure in figures.items():
        yield Row(name, 1, "ms", figure, reference)


def _works(folder: Path) -> dict[str, Start]:
    file = [str(FILE), "serve"]
    works: dict[str, Start] = {
        EMPTY: lambda: _empty(folder),
        "checkout": partial(_answer, CHECKOUT, folder / "checkout"),
    }
    if not FILE.exists():
        click.echo("There is no dist/htmx-fastapi-service to be started: run `pdm run build`.")
        return works
    later = partial(_answer, file, folder / "later")
    return {**works, "one file, first": lambda: _first(folder / "first"), "one file, later": later}


def _figure(rounds: list[tuple[float, float]]) -> Figure:
    took, cpu = zip(*rounds, strict=True)
    return of_times(took, sum(cpu), asked=len(rounds))


def _first(data: Path) -> tuple[float, float]:
    shutil.rmtree(data, ignore_errors=True)
    return _answer([str(FILE), "serve"], data)


def _empty(folder: Path) -> tuple[float, float]:
    port = free_port()
    return _answer(served.granian(served.EMPTY, port), folder, port)


def _answer(command: list[str], data: Path, port: int | None = None) -> tuple[float, float]:
    """Return how long a server took from its start to its first page."""
    port = port or free_port()
    environ = {"DATA_DIR": str(data), "SECRET_KEY": KEY, "PORT": str(port)}
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environ,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as server:
        while not _answers(port):
            if server.poll() is not None:
                raise click.ClickException(f"{command[0]} has stopped with {server.returncode}.")
            time.sleep(PAUSE)
        took = 1000 * (time.perf_counter() - started)
        used = served.Served(port, server.pid).processor()
        server.terminate()
    return took, used


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
