"""The audit log written out: as lines, as JSON lines, as a table for spreadsheets."""

import json
from collections.abc import Callable, Iterable, Iterator

from service.audit import audit
from service.audit.audit import Entry
from service.base import characters, clock, sheets

COLUMNS = ("id", "time", "action", "what", "by", "on", "address", "details")


def as_text(entries: Iterable[Entry], zone: str) -> Iterator[str]:
    """Yield a line per entry: when, who, what, whom, from where, and what else is told."""
    for each in entries:
        at = clock.local(each.at, zone)
        told = (each.actor, each.action, each.target, each.address, each.details)
        when = f"{at:%Y-%m-%d %H:%M:%S} {at.tzname()}"
        yield "\t".join([when, *map(characters.printable, told)]).rstrip() + "\n"


def as_jsonl(entries: Iterable[Entry], _zone: str) -> Iterator[str]:
    """Yield a JSON object per entry, as programs get them."""
    for each in entries:
        yield json.dumps(audit.as_json(each)) + "\n"


def as_csv(entries: Iterable[Entry], zone: str) -> Iterator[str]:
    """Yield a table, its first row the columns' names; times are those of a zone."""
    yield sheets.BYTE_ORDER_MARK + sheets.row(COLUMNS)
    for each in entries:
        at = clock.local(each.at, zone).isoformat(timespec="seconds")
        yield sheets.row(
            (
                *(each.id, at, each.action, each.words),
                *(each.actor, each.target, each.address, each.details),
            )
        )


FORMATS: dict[str, Callable[[Iterable[Entry], str], Iterator[str]]] = {
    "text": as_text,
    "csv": as_csv,
    "jsonl": as_jsonl,
}
