"""Make two boards of a million messages, search them, and say how long people wait."""

import json
from pathlib import Path
from typing import Any

import click

from service import db
from tests.bench import boards, kinds, measure, report


@click.command(help=__doc__)
@click.option("--messages", default=1_000_000, show_default=True, help="How many on each board.")
@click.option("--runs", default=10, show_default=True, help="How often each query is asked.")
@click.option("--fresh/--keep", help="Make the boards anew, or take those of the last time.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=boards.FOLDER / "search.json",
    show_default="var/bench/search.json",
)
def main(messages: int, runs: int, output: Path, *, fresh: bool) -> None:
    with boards.postgres() as server:
        click.echo(f"Two boards of {messages:,} messages: making what is missing")
        urls, seconds = boards.both(messages, server, fresh=fresh)
        for kind, took in seconds.items():
            click.echo(f"{kind} took {took:.0f} seconds")
        db.open_database(urls["sqlite"])
        sample = measure.sample(messages)
        cases = kinds.cases(sample)
        data = {**report.machine(), "messages": messages, "runs": runs}
        click.echo(report.headline(data))
        data["databases"] = {
            kind: _measured(url, sample, cases, runs) for kind, url in urls.items()
        }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    click.echo(f"\nKept in {output}")


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
