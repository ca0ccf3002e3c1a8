"""Figures as a panel writes them, and the round ones beside its lines."""

import math

SIZES = ("B", "KiB", "MiB", "GiB", "TiB")
TIMES = ((86400, "days"), (3600, "hours"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))


def written(value: float, unit: str) -> str:
    """Return a figure in one of Grafana's units."""
    match unit:
        case "s":
            return _seconds(value)
        case "bytes":
            power = _power(value)
            return f"{_short(value / 1024**power)} {SIZES[power]}"
        case "percentunit":
            return f"{_short(value * 100)} %"
        case "reqps":
            return f"{_short(value)} a second"
        case "cpm":
            return f"{_short(value)} a minute"
    return _short(value)


def _power(size: float) -> int:
    return min(int(math.log(max(size, 1), 1024)), len(SIZES) - 1)


def _seconds(value: float) -> str:
    length, name = next((each for each in TIMES if value >= each[0]), TIMES[-1])
    return f"{_short(value / length)} {name}" if value else "0 s"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def marks(most: float, unit: str) -> list[float]:
    """Return round figures from 0 to the first beyond the most there is."""
    whole = 1024 ** _power(most) if unit == "bytes" else 1
    return [mark * whole for mark in _round(most / whole)]


def _round(most: float) -> list[float]:
    step = 10 ** math.floor(math.log10(most or 1))
    while most / step > 3:
        step *= 2 if str(step).lstrip("0.")[0] in "15" else 2.5
    return [step * number for number in range(max(math.ceil(most / step), 1) + 1)]
