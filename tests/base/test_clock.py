"""The clock: every zone of the zone data, against the C library's own reading of it."""

import calendar
import datetime as dt
import functools
import os
import time
import zoneinfo
from collections.abc import Generator
from importlib import resources
from pathlib import Path
from zoneinfo import _zoneinfo  # ty: ignore[missing-module-member], it tells its transitions

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.base import clock, dates
from service.base.clock import Clock

FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST = dt.datetime(2100, 12, 31, tzinfo=dt.UTC)
ZONES = st.sampled_from(sorted(clock.zone_names()))
MOMENTS = st.datetimes(
    FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(dt.UTC)
)


@pytest.fixture(autouse=True, scope="module")
def _own_zone() -> Generator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@functools.cache
def zone_file(zone: str) -> str:
    """Return the file that zoneinfo reads a zone from."""
    tzdata = str(resources.files("tzdata") / "zoneinfo")
    found = (Path(folder, zone) for folder in (*zoneinfo.TZPATH, tzdata))
    return next(str(file) for file in found if file.is_file())


def in_c(moment: dt.datetime, zone: str) -> time.struct_time:
    """Return what clocks in the zone show, as the C library has it."""
    wanted = f":{zone_file(zone)}"
    if os.environ.get("TZ") != wanted:
        os.environ["TZ"] = wanted
        time.tzset()
    return time.localtime(calendar.timegm(moment.utctimetuple()))


def in_words(there: time.struct_time) -> str:
    weekday, month = calendar.day_name[there.tm_wday], calendar.month_name[there.tm_mon]
    return f"{weekday} {there.tm_mday} {month} {there.tm_year}"


def agrees(moment: dt.datetime, zone: str) -> bool:
    there = in_c(moment, zone)
    name = f"UTC{there.tm_zone}" if there.tm_zone[0] in "+-" else there.tm_zone
    at = f"{there.tm_hour:02}:{there.tm_min:02}"
    return (
        clock.day(moment, zone) == f"{there.tm_year}-{there.tm_mon:02}-{there.tm_mday:02}"
        and clock.time(moment, Clock(zone)) == at
        and clock.full(moment, Clock(zone)) == f"{in_words(there)}, {at}:{there.tm_sec:02} {name}"
    )


def edges(zone: str) -> list[dt.datetime]:
    """Return the last second before, and the first after, each change of a zone's clocks."""
    changes = _zoneinfo.ZoneInfo(zone)._trans_utc
    moments = [FIRST + dt.timedelta(seconds=change) for change in changes if change >= 0]
    return [moment - dt.timedelta(seconds=ago) for moment in moments for ago in (1, 0)]


def test_every_zone_agrees_at_every_change_of_its_clocks() -> None:
    compared = 0
    for zone in sorted(clock.zone_names()):
        moments = edges(zone)
        compared += len(moments)
        wrong = [moment for moment in moments if not agrees(moment, zone)]
        assert wrong == [], zone
    assert len(clock.zone_names()) > 590
    assert compared > 40_000


@settings(deadline=None, max_examples=300)
@given(MOMENTS, ZONES)
def test_any_moment_in_any_zone_agrees(moment: dt.datetime, zone: str) -> None:
    assert agrees(moment, zone)


@settings(deadline=None, max_examples=300)
@given(MOMENTS, ZONES, st.integers(-3 * 86400, 3 * 86400))
def test_today_and_yesterday_are_the_readers(moment: dt.datetime, zone: str, seconds: int) -> None:
    now = min(max(moment + dt.timedelta(seconds=seconds), FIRST), LAST)
    there, today = in_c(moment, zone), in_c(now, zone)
    dates = [dt.date(each.tm_year, each.tm_mon, each.tm_mday) for each in (today, there)]
    near = {0: "Today", 1: "Yesterday"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        assert clock.day_label(moment, zone) == near.get(
            (dates[0] - dates[1]).days, in_words(there)
        )


@pytest.mark.parametrize(
    ("zone", "midnight"),  # in UTC
    [
        ("UTC", "2026-11-22T00:00:00Z"),
        ("Asia/Kathmandu", "2026-11-21T18:15:00Z"),
        ("America/Los_Angeles", "2026-11-22T08:00:00Z"),
        ("Europe/Berlin", "2026-10-24T22:00:00Z"),  # the clocks go back that day
        ("America/Santiago", "2026-09-06T04:00:00Z"),  # the day begins at one o'clock
    ],
)
def test_midnight_makes_today_yesterday(
    zone: str, midnight: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = dt.datetime.fromisoformat(midnight)
    before = edge - dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: before)
    assert clock.day_label(before, zone) == "Today"
    monkeypatch.setattr(clock, "now", lambda: edge)
    assert clock.day_label(before, zone) == "Yesterday"
    assert clock.day_label(edge, zone) == "Today"
    monkeypatch.setattr(clock, "now", lambda: edge + dt.timedelta(days=1, hours=2))
    assert clock.day_label(before, zone) == dates.words(clock.local(before, zone).date())


@given(st.text(max_size=60) | st.sampled_from(["", "/etc/passwd", "../UTC", "localtime", "Europe"]))
def test_an_unknown_zone_of_any_spelling_is_shown_as_utc(name: str) -> None:
    known = clock.known_zone(name, None)
    assert known == (name if name in clock.zone_names() else "UTC")
    # A name that was stored, and has since left the zone data, is shown in UTC.
    assert clock.full(FIRST, Clock(name)).endswith(clock.full(FIRST, Clock(known))[-3:])


def test_every_zone_offered_is_taken() -> None:
    assert clock.zone_choices()[0] == "UTC"
    assert set(clock.zone_choices()) <= clock.zone_names()
    assert {"Europe/Berlin", "America/Argentina/Buenos_Aires"} <= set(clock.zone_choices())
    assert not {"localtime", "Factory", "posixrules"} & clock.zone_names()


def test_utc_is_iso_8601_whatever_the_zone_it_comes_in() -> None:
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo"))
    assert clock.utc(noon) == "2026-11-22T03:00:00.000000Z"
    assert clock.full(noon, Clock("Europe/Berlin")) == "Sunday 22 November 2026, 04:00:00 CET"
    assert (
        clock.full(noon, Clock("America/Sao_Paulo")) == "Sunday 22 November 2026, 00:00:00 UTC-03"
    )


def test_of_this_year_a_day_needs_no_year(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: noon)
    assert clock.when(noon, Clock("Europe/Berlin")) == "22 November, 13:00"
    before = dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert clock.when(before, Clock("UTC", "12")) == "Wednesday 31 December 2025, 11:30 PM"
    assert clock.when(before, Clock("Europe/Berlin")) == "1 January, 00:30"
