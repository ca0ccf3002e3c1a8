"""Time: whether the clock is right and the zones are known."""

import datetime as dt
import zoneinfo
from collections.abc import Generator, Iterator

import peewee
import tzdata

from service.base import clock
from service.data import db
from service.data.tables import Event, Message, User

APART = dt.timedelta(seconds=5)  # that two clocks may differ
SHOWN = 3  # names in one line
SET_CLOCK = "let NTP set this machine's clock (`timedatectl set-ntp true`)."


def zones() -> Generator[str, None, str]:
    """Find zone data that is missing or can't be read."""
    names = clock.zone_names()
    if not names:
        yield "There is no time zone data: run `pip install tzdata`."
    broken = [name for name in sorted(names) if not _loads(name)]
    if broken:
        yield (
            f"The data of {_some(broken)} can't be read: "
            "install the system's tzdata package anew, or remove it to use the board's own."
        )
    return f"{len(names)} zones, tzdata {tzdata.IANA_VERSION}"


def stored() -> Generator[str, None, str]:
    """Find times that lie in the future, clocks that differ, and zones that nobody knows now."""
    yield from _future()
    if not db.on_sqlite():
        yield from _servers_clock()
    yield from _forgotten_zones()
    return f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"


def _loads(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _future() -> Iterator[str]:
    with db.read():
        newest = (
            Message.select(peewee.fn.MAX(Message.timestamp)).scalar(),
            Event.select(peewee.fn.MAX(Event.created_at)).scalar(),
        )
    ahead = max(filter(None, newest), default=clock.now()) - clock.now()
    if ahead > APART:
        words = dt.timedelta(seconds=round(ahead.total_seconds()))
        yield f"The newest message is {words} ahead of this clock: {SET_CLOCK}"


def _servers_clock() -> Iterator[str]:
    before = clock.now()
    with db.read():
        (there,) = db.database.execute_sql("SELECT clock_timestamp()").fetchone()
    after = clock.now()
    if there < before - APART or there > after + APART:
        apart = abs((there - after).total_seconds())
        yield f"This clock and PostgreSQL's are {apart:.0f} s apart: {SET_CLOCK}"


def _forgotten_zones() -> Iterator[str]:
    with db.read():
        kept = [row.zone for row in User.select(User.zone).distinct()]
    unknown = sorted(set(kept) - clock.zone_names())
    if unknown:
        yield (
            f"Users have chosen {_some(unknown)}, which the zone data doesn't know; "
            "they are shown UTC: update tzdata, or let them choose another."
        )
