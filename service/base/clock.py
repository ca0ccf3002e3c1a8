"""Time: UTC inside, the reader's zone on the page."""

import datetime as dt
import functools
import zoneinfo
from dataclasses import dataclass

from service.base import dates

UTC = dt.UTC
NOON = 12
# Present in the zone data, but no zones of a person's: aliases of the machine's own zone.
NOT_FOR_PEOPLE = frozenset({"localtime", "posixrules", "Factory"})


@dataclass(frozen=True, slots=True)
class Clock:
    """How somebody is shown times: in which zone, and by how many hours, 12 or 24.

    Without a number it is as the board's language has it, which is by 24 in all there are.
    """

    zone: str
    hours: str = ""

    def __str__(self) -> str:
        """Return the zone's name."""
        return self.zone

    def at(self, moment: dt.datetime, seconds: str = "") -> str:
        """Return the time of day; `seconds` is how those are to be written, if they are."""
        there = local(moment, self.zone)
        if self.hours != "12":
            return format(there, f"%H:%M{seconds}")
        half = "AM" if there.hour < NOON else "PM"
        return f"{there.hour % NOON or NOON}{format(there, f':%M{seconds}')} {half}"


def now() -> dt.datetime:
    """Return the present moment, in UTC."""
    return dt.datetime.now(UTC)


@functools.cache
def zone_names() -> frozenset[str]:
    """Return every zone name that is taken, aliases included."""
    return frozenset(zoneinfo.available_timezones() - NOT_FOR_PEOPLE)


@functools.cache
def zone_choices() -> tuple[str, ...]:
    """Return the zone names to offer in a form: regions and cities, and UTC."""
    cities = (name for name in zone_names() if "/" in name and not name.startswith("Etc/"))
    return ("UTC", *sorted(cities))


def known_zone(*names: str | None) -> str:
    """Return the first of `names` that is a zone, or else UTC."""
    return next((name for name in names if name in zone_names()), "UTC")


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """Return `moment` as clocks in `zone` show it."""
    # A stored name may be gone from the zone data of today.
    return moment.astimezone(zoneinfo.ZoneInfo(known_zone(zone)))


def time(moment: dt.datetime, clock: Clock) -> str:
    """Return hours and minutes, as in 14:05 or 2:05 PM."""
    return clock.at(moment)


def full(moment: dt.datetime, clock: Clock, language: str = "en") -> str:
    """Return day, time with seconds, and zone: Sunday 22 November 2026, 14:05:09 CET."""
    there = local(moment, clock.zone)
    name = there.tzname() or clock.zone
    if name[0] in "+-":  # many zones have no letters of their own
        name = f"UTC{name}"
    return f"{dates.words(there.date(), language)}, {clock.at(moment, ':%S')} {name}"


def when(moment: dt.datetime, clock: Clock, language: str = "en") -> str:
    """Return day and time: 22 November, 14:05; of another year the whole day."""
    date = local(moment, clock.zone).date()
    this_year = date.year == local(now(), clock.zone).year
    day = (dates.day_and_month if this_year else dates.words)(date, language)
    return f"{day}, {clock.at(moment)}"


def day_and_month(moment: dt.datetime, zone: str | Clock, language: str = "en") -> str:
    """Return the day without its year: 22 November."""
    return dates.day_and_month(local(moment, str(zone)).date(), language)


def utc(moment: dt.datetime) -> str:
    """Return ISO 8601 in UTC, with microseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day(moment: dt.datetime, zone: str | Clock) -> str:
    """Return the calendar day in `zone`, as 2026-11-22."""
    return local(moment, str(zone)).date().isoformat()


def day_start(date: dt.date, zone: str) -> dt.datetime:
    """Return the moment at which a day begins in `zone`, in UTC; not all begin at midnight."""
    # Where clocks skip midnight, zoneinfo reads it with the offset of before: the first moment.
    midnight = dt.datetime.combine(date, dt.time(), zoneinfo.ZoneInfo(known_zone(zone)))
    return midnight.astimezone(UTC)


def day_label(moment: dt.datetime, zone: str | Clock, language: str = "en") -> str:
    """Return Today, Yesterday, or the day in words, by the calendar of `zone`."""
    date, today = local(moment, str(zone)).date(), local(now(), str(zone)).date()
    return dates.near(date, today, language) or dates.words(date, language)
