"""Read and post over HTTP, search boards of a million messages, and say how long people wait."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from service import db
from tests.bench import boards, kinds, measure, posting, reads, report

KINDS = ("sqlite", "postgresql")


@click.command(help=__doc__)
@click.option("--messages", default=1_000_000, show_default=True, help="How many on each board.")
@click.option("--runs", default=10, show_default=True, help="How often each query is asked.")
@click.option("--fresh/--keep", help="Make the boards anew, or take those of the last time.")
@click.option(
    "--only", type=click.Choice(["search", "posting", "reads"]), help="Leave out the rest."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=boards.FOLDER,
    show_default="var/bench",
    help="Where search.json, posting.json and reads.json are kept.",
)
def main(messages: int, runs: int, only: str | None, folder: Path, *, fresh: bool) -> None:
    with boards.postgres() as server:
        if only in {None, "reads"}:
            _keep(folder / "reads.json", _over_http(reads, server))
        if only in {None, "posting"}:
            _keep(folder / "posting.json", _over_http(posting, server))
        if only in {None, "search"}:
            _keep(folder / "search.json", _search(server, messages, runs, fresh=fresh))


def _keep(file: Path, data: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    click.echo(f"\nKept in {file}")


def _over_http(what: ModuleType, server: str) -> dict[str, Any]:
    data = report.machine()
    click.echo(f"{data['cores']} cores with a load of {data['load']}, Python {data['python']}")
    data["databases"] = {}
    for kind in KINDS:
        data["databases"][kind] = rows = what.measure(kind, server)
        for line in what.table(kind, rows):
            click.echo(line)
    return data


def _search(server: str, messages: int, runs: int, *, fresh: bool) -> dict[str, Any]:
    click.echo(f"Two boards of {messages:,} messages: making what is missing")
    urls, seconds = boards.both(messages, server, fresh=fresh)
    for kind, took in seconds.items():
        click.echo(f"{kind} took {took:.0f} seconds")
    db.open_database(urls["sqlite"])
    sample = measure.sample(messages)
    cases = kinds.cases(sample)
    data = {**report.machine(), "messages": messages, "runs": runs}
    click.echo(report.headline(data))
    data["databases"] = {kind: _measured(url, sample, cases, runs) for kind, url in urls.items()}
    return data


def _measured(url: str, sample: kinds.Sample, cases: list[kinds.Case], runs: int) -> dict[str, Any]:
    db.open_database(url)
    timings = measure.search(cases, runs)
    data = report.database(timings, measure.changes(sample))
    for line in report.table(data):
        click.echo(line)
    db.close_database()
    return data


if __name__ == "__main__":
    main()
