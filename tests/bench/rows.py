"""One shape for whatever is measured: a figure of ours beside the reference of the same run."""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.measure import summary

NO_ANSWER = "no answer"
HEADS = ("clients", "ours", "reference", "", "ratio", "p99", "its", "CPU", "its")
LAYOUT = "{:36}{:>8}{:>11}{:>11} {:6}{:>7}{:>9}{:>9}{:>9}{:>9}"


@dataclass(frozen=True)
class Run:
    """What a run is told, and what its cases tell beyond their rows."""

    postgres: str  # the URL of a server
    peer: Path | None
    beside: Path | None  # another release
    readers: int | None
    messages: int
    runs: int
    fresh: bool
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """What one server did; a value of None is none, because nothing was answered."""

    value: float | None
    p99: float | None = None  # milliseconds
    cpu: float | None = None  # milliseconds of a processor for one request
    missing: int = 0  # requests that were not answered


@dataclass(frozen=True)
class Row:
    """One case; the ratio is ours to the reference's, whichever is better."""

    case: str
    clients: int
    unit: str
    ours: Figure
    reference: Figure | None  # None where there is none
    peer: Figure | None = None
    beside: Figure | None = None  # another release

    def ratio(self) -> float | None:
        return _ratio(self.ours.value, self.reference.value if self.reference else None)

    def to_release(self) -> tuple[float | None, float | None]:
        """Return the ratios of value and processor to those of the release beside."""
        beside = self.beside or Figure(None)
        return _ratio(self.ours.value, beside.value), _ratio(self.ours.cpu, beside.cpu)

    def data(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio(), "to_release": self.to_release()}


def _ratio(ours: float | None, other: float | None) -> float | None:
    return None if ours is None or not other else round(ours / other, 3)


def of_times(
    took: Sequence[float], cpu: float, *, asked: int, requests: int | None = None
) -> Figure:
    """Return the median and p99 of milliseconds, and the share of a processor's seconds."""
    answered = [each for each in took if math.isfinite(each)]
    missing = asked - len(answered)
    if not answered:
        return Figure(None, missing=missing)
    each = summary(answered)
    return Figure(each["p50"], each["p99"], _each(cpu, requests or len(answered)), missing)


def of_rounds(rounds: Sequence["Round"]) -> Figure:
    """Return the median of the rounds' answers per second."""
    took = [each for one in rounds for each in one.took]
    missing = sum(one.missing for one in rounds)
    rate = statistics.median(len(one.took) / one.seconds for one in rounds)
    if not rate:
        return Figure(None, missing=missing)
    cpu = _each(sum(one.cpu for one in rounds), len(took))
    return Figure(round(rate, 1), summary(took)["p99"], cpu, missing)


@dataclass(frozen=True)
class Round:
    """What came of some seconds: how long each answer took in milliseconds, and the processor's."""

    took: list[float]
    seconds: float
    cpu: float  # seconds
    missing: int = 0


def header() -> str:
    return LAYOUT.format("", *HEADS)


def line(row: Row) -> str:
    ours, other = row.ours, row.reference or Figure(None)
    values = _value(row.ours), _value(row.reference), row.unit
    sides = [_shown(each) for each in (row.ratio(), ours.p99, other.p99, ours.cpu, other.cpu)]
    return LAYOUT.format(row.case, row.clients, *values, *sides) + "".join(_notes(row))


def _value(figure: Figure | None) -> str:
    return _shown(figure.value, NO_ANSWER) if figure else _shown(None)


def _notes(row: Row) -> Iterator[str]:
    if row.peer:
        told = _value(row.peer), _shown(row.peer.p99), _shown(row.peer.cpu)
        yield "  peer {}, p99 {}, CPU {}".format(*told)
    if row.beside:
        told = _value(row.beside), *map(_shown, row.to_release())
        yield "  release {}, ratio {}, of CPU {}".format(*told)
    for who in ("ours", "reference", "peer", "beside"):
        figure: Figure | None = getattr(row, who)
        if figure and figure.missing:
            yield f"  {who}: {figure.missing} got no answer"


def _each(seconds: float, count: int) -> float:
    return round(1000 * seconds / count, 3)


def _shown(value: float | None, none: str = "-") -> str:
    if value is None:
        return none
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 1 else f"{value:.1f}"
