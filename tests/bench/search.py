"""Searches of boards of many messages: the same board on both databases."""

from collections.abc import Iterator
from typing import Any

import click

from service.data import db
from tests.bench import boards, kinds, measure, report
from tests.bench.rows import Figure, Row, Run


def search(run: Run) -> Iterator[Row]:
    """Milliseconds (p95) for a search's page, without HTTP, beside the newest page."""
    click.echo(f"Two boards of {run.messages:,} messages: making what is missing")
    urls, seconds = boards.both(run.messages, run.postgres, fresh=run.fresh)
    for kind, took in seconds.items():
        click.echo(f"{kind} took {took:.0f} seconds")
    db.open_database(urls["sqlite"])
    sample = measure.sample(run.messages)
    cases = kinds.cases(sample)
    for kind, url in urls.items():
        db.open_database(url)
        newest = _figure(measure.summary(measure.newest(run.runs)))
        data = report.database(measure.search(cases, run.runs), measure.changes(sample))
        db.close_database()
        run.details.setdefault("search", {})[kind] = data
        yield from _rows(kind, data, newest)


def _rows(database: str, data: dict[str, Any], newest: Figure) -> Iterator[Row]:
    for kind, one in {**data["kinds"], "all": data["all"]}.items():
        yield Row(f"{kind}, {database}", 1, "ms", _figure(one), newest)
    for what, one in data["changes"].items():
        yield Row(f"{what}, {database}", 1, "ms", _figure(one), None)


def _figure(summary: dict[str, float]) -> Figure:
    return Figure(summary["p95"], summary["p99"])
