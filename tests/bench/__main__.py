"""Measure the board beside reference servers in the same run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from tests.bench import beside as releases
from tests.bench import (
    boards,
    crowd,
    events,
    newest,
    posts,
    rail,
    reads,
    report,
    rows,
    starts,
    streams,
)
from tests.bench.rows import Row, Run
from tests.bench.search import search

Case = Callable[[Run], Iterator[Row]]
CASES: dict[str, Case] = {
    "reads": reads.reads,
    "posts": posts.posts,
    "delivery": streams.delivery,
    "events": events.events,
    "idle": streams.idle,
    "reconnect": streams.reconnect,
    "replay": streams.replay,
    "starts": starts.starts,
    "rail": rail.rail,
    "newest": newest.newest,
    "search": search,
}
LEGEND = """ratio: ours / reference; its: the reference's; p99 in milliseconds;
CPU: a processor's milliseconds for one request, in the server's own processes"""
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(help=__doc__)
@click.option(
    "--only", type=click.Choice(list(CASES)), multiple=True, help="Leave out the rest; repeatable."
)
@click.option("--readers", type=int, help="How many have a page open, in place of each case's own.")
@click.option("--peer", type=EXISTING, help="PocketBase's program, to read and post beside.")
@click.option("--beside", metavar="REVISION", help="A release to read and post beside, as v0.5.1.")
@click.option("--messages", default=1_000_000, show_default=True, help="To be searched.")
@click.option("--runs", default=10, show_default=True, help="Of each search and start.")
@click.option("--fresh/--keep", help="Make the searched boards anew, or take the last time's.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=boards.FOLDER / "bench.json",
    show_default="var/bench/bench.json",
    help="Where the figures are kept.",
)
def main(only: tuple[str, ...], file: Path, beside: str | None, **told: Any) -> None:
    chosen = [name for name in CASES if not only or name in only]
    _allow_files(chosen, told["readers"])
    data = {"machine": report.machine(), "rows": []}
    click.echo("{processor}, {cores} cores with a load of {load}".format_map(data["machine"]))
    click.echo(LEGEND)
    with TemporaryDirectory() as folder, boards.postgres() as server:
        released = releases.unpacked(beside, Path(folder))
        run = Run(postgres=server, details=data, beside=released, **told)
        for name in chosen:
            _measure(name, run, data["rows"])
            _keep(file, data)  # at once: what comes may fail
    click.echo(f"\nKept in {file}")


def _measure(name: str, run: Run, kept: list[dict[str, Any]]) -> None:
    case = CASES[name]
    click.echo(f"\n{name}: {case.__doc__}\n{rows.header()}")
    for row in case(run):
        click.echo(rows.line(row))
        kept.append({"of": name, **row.data()})


def _keep(file: Path, data: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _allow_files(chosen: list[str], readers: int | None) -> None:
    """Let this process open what the largest crowd of the chosen cases needs."""
    most = max(
        (streams.files(name, readers) for name in chosen if name in streams.CROWDS), default=0
    )
    if not most:
        return
    try:
        crowd.allow_files(most)
    except ValueError:
        raise click.ClickException(
            f"Let it open {most} files (ulimit -Hn), or take fewer --readers."
        ) from None


if __name__ == "__main__":
    main()
