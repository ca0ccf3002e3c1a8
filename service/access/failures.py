"""The table of failures: what failed of late or is under way, over processes and restarts."""

import datetime as dt
import functools
import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import Expression, fn

from service.base import clock
from service.data import db
from service.data.tables import Failure

HOUR = dt.timedelta(hours=1)
SKEW = dt.timedelta(seconds=10)  # that the clocks of several machines may differ


@dataclass(frozen=True)
class Limit:
    """How many failures of one key count before the next try is refused, and for how long."""

    key: str
    most: int
    window: dt.timedelta  # an HOUR at most


@dataclass(frozen=True)
class Tally:
    """The failures of a key: how many count, and when the first of them no longer does."""

    count: int = 0
    until: dt.datetime | None = None


def tallies(limits: Iterable[Limit]) -> dict[str, Tally]:
    """Return what counts now of each limit's key."""
    now = clock.now()
    conditions = {limit.key: _counts(limit, now) for limit in limits}
    with db.read():
        rows: Any = (
            Failure.select(Failure.key, fn.count(Failure.id), fn.min(Failure.until))
            .where(functools.reduce(operator.or_, conditions.values()))
            .group_by(Failure.key)
            .tuples()
        )
        found = {key: Tally(count, until) for key, count, until in rows}
    return {key: found.get(key, Tally()) for key in conditions}


def _counts(limit: Limit, now: dt.datetime) -> Expression:
    # One from the future was noted before the clock was put back: nobody waits for that.
    return (Failure.key == limit.key) & Failure.until.between(now, now + limit.window + SKEW)


def note(limits: Iterable[Limit]) -> list[int]:
    """Count a failure against each limit's key; return what takes it back.

    What no longer counts goes from the table meanwhile.
    """
    now = clock.now()
    rows = [{"key": limit.key, "until": now + limit.window} for limit in limits]
    with db.write():
        Failure.delete().where(~Failure.until.between(now, now + HOUR + SKEW)).execute()
        made = Failure.insert_many(rows).returning(Failure.id).execute()
        return [row.id for row in made]


def take_back(noted: list[int]) -> None:
    """Uncount a failure that was none."""
    ids: Any = Failure.id
    with db.write():
        Failure.delete().where(ids.in_(noted)).execute()


def use_up(key: str) -> bool:
    """Take back all that counts against a key; say whether there was any, to one caller alone."""
    with db.write():
        return Failure.delete().where(Failure.key == key).execute() > 0


def seconds_until(moment: dt.datetime) -> int:
    """Return the whole seconds until a moment, one at least."""
    return max(1, math.ceil((moment - clock.now()).total_seconds()))
