"""How long the one file takes to answer, beside this checkout."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import httpx2

from tests.bench import report
from tests.servers import KEY, PROJECT, free_port

FILE = PROJECT / "dist" / "htmx-fastapi-service"
PAUSE = 0.005  # seconds between two tries
CHECKOUT = [sys.executable, "-m", "service", "serve"]


@click.command(help=__doc__)
@click.option("--runs", default=10, show_default=True, help="How often each start is measured.")
def main(runs: int) -> None:
    if not FILE.exists():
        raise click.ClickException("There is no dist/htmx-fastapi-service: run `pdm run build`.")
    told = report.machine()
    click.echo(f"{told['processor']}, {told['cores']} cores with a load of {told['load']}")
    click.echo(f"Size {FILE.stat().st_size / 1_000_000:.1f} MB; seconds to the first answer:")
    with tempfile.TemporaryDirectory() as folder:
        starts: dict[str, Callable[[], float]] = {
            "first": lambda: _first(Path(folder) / "first"),
            "later": lambda: _answer([str(FILE), "serve"], Path(folder) / "later"),
            "checkout": lambda: _answer(CHECKOUT, Path(folder) / "checkout"),
        }
        for start in starts.values():  # once to warm up
            start()
        took: dict[str, list[float]] = {name: [] for name in starts}
        for _ in range(runs):  # in turn, so that a noisy moment meets all three
            for name, start in starts.items():
                took[name].append(start())
    for name, seconds in took.items():
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        click.echo(f"{name:<10}{low:6.2f} to {high:.2f}, median {middle:.2f}")
    ratios = [later / beside for later, beside in zip(took["later"], took["checkout"], strict=True)]
    click.echo(f"later / checkout, pair by pair: median {statistics.median(ratios):.2f}")


def _first(data: Path) -> float:
    shutil.rmtree(data, ignore_errors=True)
    return _answer([str(FILE), "serve"], data)


def _answer(command: list[str], data: Path) -> float:
    """Return the seconds from the start of a server to its first page."""
    port = free_port()
    environ = {"DATA_DIR": str(data), "SECRET_KEY": KEY, "PORT": str(port)}
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=PROJECT, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as server:
        while not _answers(port):
            if server.poll() is not None:
                raise click.ClickException(f"{command[0]} has stopped with {server.returncode}.")
            time.sleep(PAUSE)
        took = time.perf_counter() - started
        server.terminate()
    return took


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


if __name__ == "__main__":
    main()
