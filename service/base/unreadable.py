"""What is stored and can't be read: something stands in for it, so that all the rest can be."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg2 import extensions

EARLIEST, LATEST = dt.datetime(2, 1, 1, tzinfo=dt.UTC), dt.datetime(9998, 1, 1, tzinfo=dt.UTC)

logger = logging.getLogger(__name__)
_told: set[tuple[str, object, tuple[str, ...]]] = set()


class Garbled(str):
    """What is left of a text that is not UTF-8."""

    __slots__ = ()


class Unknown(dt.datetime):
    """A moment that nobody can tell."""


UNKNOWN = Unknown(1970, 1, 1, tzinfo=dt.UTC)


def text(stored: bytes) -> str:
    """Return a text as it is stored; what is not UTF-8 of it becomes U+FFFD."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Garbled(stored.decode(errors="replace"))


def moment(stored: Any) -> dt.datetime:
    """Return a moment in UTC: the one that is stored, if every zone can show it, or UNKNOWN."""
    if isinstance(stored, dt.datetime):
        found = stored.replace(tzinfo=dt.UTC)
        if EARLIEST <= found <= LATEST:
            return found
    return UNKNOWN


def _from_postgresql(written: str | None, cursor: Any) -> dt.datetime | str | None:
    try:
        return extensions.PYDATETIME(written, cursor)
    except ValueError:  # a year that Python does not know
        return written


# How a connection's driver is told to read TIMESTAMP, without a failure.
TIMESTAMP = extensions.new_type((1114,), "TIMESTAMP", _from_postgresql)


def columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of a row in which something stands in for what is stored."""
    return tuple(name for name, value in row.items() if isinstance(value, (Garbled, Unknown)))


def tell(table: str, key: object, row: Mapping[str, Any]) -> None:
    """Let the log name a row that is not what is stored, once."""
    found = columns(row)
    if found and (about := (table, key, found)) not in _told:
        _told.add(about)
        logger.warning(
            "Row %s of %s can't be read in full, look at its %s: `board doctor` says more.",
            *(key, table, listed(found)),
        )


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)
