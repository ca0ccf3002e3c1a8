"""How long the checkout and the one file take to answer, and the memory they then hold."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import httpx2

from tests.bench import served
from tests.bench.rows import Figure, Row, Run, of_times
from tests.servers import KEY, PROJECT, free_port

FILE = PROJECT / "dist" / "htmx-fastapi-service"
PAUSE = 0.005  # seconds between two tries
CHECKOUT = [sys.executable, "-m", "service", "serve"]
EMPTY = "empty"


class Started(NamedTuple):
    """What a server needed up to its first page."""

    took: float  # milliseconds
    cpu: float  # seconds
    mebibytes: float


Start = Callable[[], Started]


def starts(run: Run) -> Iterator[Row]:
    """Milliseconds of a start to the first page and MiB then, beside an empty FastAPI."""
    with tempfile.TemporaryDirectory() as folder:
        works = _works(Path(folder))
        for start in works.values():  # once to warm up
            start()
        rounds: dict[str, list[Started]] = {name: [] for name in works}
        for _ in range(run.runs):  # in turn, so that a noisy moment meets all
            for name, start in works.items():
                rounds[name].append(start())
    reference = rounds.pop(EMPTY)
    for name, each in rounds.items():
        yield Row(name, 1, "ms", _figure(each), _figure(reference))
        yield Row(f"{name}: memory", 1, "MiB", _memory(each), _memory(reference))


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


def _figure(rounds: list[Started]) -> Figure:
    cpu = sum(each.cpu for each in rounds)
    return of_times([each.took for each in rounds], cpu, asked=len(rounds))


def _memory(rounds: list[Started]) -> Figure:
    return Figure(round(statistics.median(each.mebibytes for each in rounds), 1))


def _first(data: Path) -> Started:
    shutil.rmtree(data, ignore_errors=True)
    return _answer([str(FILE), "serve"], data)


def _empty(folder: Path) -> Started:
    port = free_port()
    return _answer(served.granian(served.EMPTY, port), folder, port)


def _answer(command: list[str], data: Path, port: int | None = None) -> Started:
    """Return what a server needed from its start to its first page."""
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
        measured = served.Served(port, server.pid)
        needed = Started(took, measured.processor(), measured.mebibytes())
        server.terminate()
    return needed


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
