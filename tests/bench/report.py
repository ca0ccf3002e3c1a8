"""The machine, and what searches tell beyond their rows."""

import os
import platform
import statistics
from itertools import groupby
from pathlib import Path
from typing import Any

from service.base import clock
from service.data import db, sqlite
from tests.bench.measure import Timing, summary

SLOWEST = 3  # queries of each kind that the data name
CPU = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    names = [line for line in CPU.read_text().splitlines() if "model name" in line]
    return {
        "date": clock.utc(clock.now()),
        "processor": names[0].partition(": ")[2] if names else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),  # what else it was doing, in cores
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def database(timings: list[Timing], changes: dict[str, list[float]]) -> dict[str, Any]:
    """Return all there is to say about the open database."""
    return {
        "version": _version(),
        "megabytes": _megabytes(),
        "kinds": {kind: _kind(list(of)) for kind, of in groupby(timings, lambda t: t.case.kind)},
        "all": _kind(timings),
        "changes": {what: summary(times) for what, times in changes.items()},
    }


def _kind(timings: list[Timing]) -> dict[str, Any]:
    slowest = sorted(timings, key=lambda t: statistics.median(t.warm), reverse=True)[:SLOWEST]
    by_variant = sorted(timings, key=lambda t: t.case.variant)
    variants = groupby(by_variant, lambda t: t.case.variant)
    return {
        "queries": len(timings),
        "hits": round(statistics.median(t.hits for t in timings)),
        "first": summary([t.first for t in timings]),
        **_warm(timings),
        "calm": summary([min(t.warm) for t in timings]),  # if the machine was busy
        "variants": {variant: _warm(list(of)) for variant, of in variants},
        "slowest": {t.case.text: round(statistics.median(t.warm), 2) for t in slowest},
    }


def _warm(timings: list[Timing]) -> dict[str, float]:
    return summary([took for timing in timings for took in timing.warm])


def _version() -> str:
    if db.on_sqlite():
        return f"SQLite {sqlite.library.sqlite_version}"
    with db.read():
        (version,) = db.database.execute_sql("SHOW server_version").fetchone()
    return f"PostgreSQL {version}"


def _megabytes() -> int:
    size = "SELECT pg_database_size(current_database())"
    if db.on_sqlite():
        size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with db.read():
        (octets,) = db.database.execute_sql(size).fetchone()
    return round(octets / 1e6)
