"""Rows that nobody's board could have written: by a disk that fails, or another program's hand."""

from collections.abc import Generator
from typing import Any

from service.base import unreadable
from service.data import db
from service.keep import backup
from service.keep.archive import Entry
from service.keep.formats import FORMATS

SHOWN = 10  # findings of a table


def check() -> Generator[str, None, str]:
    """Find rows that can't be read in full, and those that would make a backup useless."""
    seen = 0
    with db.read():
        entries = FORMATS[backup.format_of_schema()]
    for entry in entries:
        wrong = 0
        for values in backup.rows(entry):
            seen += 1
            if finding := _finding(entry, values):
                wrong += 1
                if wrong <= SHOWN:
                    yield finding
        if wrong > SHOWN:
            yield f"{wrong - SHOWN} more rows of {entry.name} are like that."
    return f"{seen} can be read"


def _finding(entry: Entry, values: tuple[Any, ...]) -> str | None:
    row = dict(zip(entry.columns, values, strict=True))
    mend = f"of {entry.name} right where {entry.key} = {values[0]}, or restore a backup of before."
    if found := unreadable.columns(row):
        return (
            f"Row {values[0]} of {entry.name} can't be read in full, and the rest is shown: "
            f"with SQL, set {unreadable.listed(found)} {mend}"
        )
    try:
        entry.row(entry.line(values))
    except (ValueError, TypeError, AttributeError) as failure:
        return (
            f"Row {values[0]} of {entry.name} would keep a backup from being restored ({failure}): "
            f"with SQL, set what is wrong {mend}"
        )
    return None
