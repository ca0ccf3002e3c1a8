"""Time: UTC inside, the reader's zone on the page."""

import datetime as dt
import functools
import zoneinfo

from service.base import dates

UTC = dt.UTC
# Present in the zone data, but no zones of a person's: aliases of the machine's own zone.
NOT_FOR_PEOPLE = frozenset({"localtime", "posixrules", "Factory"})


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


def time(moment: dt.datetime, zone: str) -> str:
    """Return hours and minutes, as in 14:05."""
    return format(local(moment, zone), "%H:%M")


def full(moment: dt.datetime, zone: str, language: str = "en") -> str:
    """Return day, time with seconds, and zone: Sunday 22 November 2026, 14:05:09 CET."""
    there = local(moment, zone)
    name = there.tzname() or zone
    if name[0] in "+-":  # many zones have no letters of their own
        name = f"UTC{name}"
    return f"{dates.words(there.date(), language)}, {there:%H:%M:%S} {name}"


def utc(moment: dt.datetime) -> str:
    """Return ISO 8601 in UTC, with microseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day(moment: dt.datetime, zone: str) -> str:
    """Return the calendar day in `zone`, as 2026-11-22."""
    return local(moment, zone).date().isoformat()


def day_start(date: dt.date, zone: str) -> dt.datetime:
    """Return the moment at which a day begins in `zone`, in UTC; not all begin at midnight."""
    # Where clocks skip midnight, zoneinfo reads it with the offset of before: the first moment.
    midnight = dt.datetime.combine(date, dt.time(), zoneinfo.ZoneInfo(known_zone(zone)))
    return midnight.astimezone(UTC)


def day_label(moment: dt.datetime, zone: str, language: str = "en") -> str:
    """Return Today, Yesterday, or the day in words, by the calendar of `zone`."""
    date, today = local(moment, zone).date(), local(now(), zone).date()
    return dates.near(date, today, language) or dates.words(date, language)
