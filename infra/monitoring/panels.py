"""What the dashboard shows: its panels, row by row, as data."""

from dataclasses import dataclass, field
from typing import Literal

from infra.monitoring.queries import ASKED, ERRORS, REQUESTS, rate

OVER = "$__rate_interval"  # Grafana puts in four scrapes, or a point of the picture


@dataclass(frozen=True)
class Panel:
    """One panel: `queries` by what each of their series is called. `unit` is one of Grafana's."""

    title: str
    description: str
    unit: str
    queries: dict[str, str]
    kind: Literal["lines", "number"] = "lines"
    width: int = 8  # of 24
    names: dict[float, str] = field(default_factory=dict)  # what is written for a value


def _quantiles(metric: str, matchers: str = "") -> dict[str, str]:
    """Return half of all, 95 and 99 in 100, of a histogram."""
    buckets = rate(f"{metric}_bucket", matchers, OVER, "le")
    return {
        name: f"histogram_quantile({share}, {buckets})"
        for name, share in {"half": 0.5, "95 %": 0.95, "99 %": 0.99}.items()
    }


def _number(
    title: str, description: str, unit: str, query: str, names: dict[float, str] | None = None
) -> Panel:
    return Panel(title, description, unit, {"": query}, "number", 4, names or {})


def _a_minute(counter: str, by: str) -> str:
    return f"60 * {rate(counter, '', OVER, by)}"


def _that_happened(counter: str, by: str) -> str:
    """Return how often a minute each happens, without those that have not happened yet."""
    return f"{_a_minute(counter, by)} and sum by ({by}) ({counter}{{board}}) > 0"


ALL = rate(f"{REQUESTS}_count", ASKED, OVER, "")
FAILED = f"({rate(f'{REQUESTS}_count', ERRORS, OVER, '')} or vector(0)) / ({ALL} > 0)"

HOW_IT_IS = (
    _number(
        "Servers that answer",
        "How many pods, or servers, Prometheus gets metrics of.",
        "short",
        "sum(up{board})",
    ),
    _number("Open pages", "Pages that are open now.", "short", "sum(board_streams_open{board})"),
    _number(
        "Requests that fail",
        "Which part of all requests gets a 5xx.",
        "percentunit",
        FAILED,
    ),
    _number(
        "Since the last backup",
        "How long ago the last backup was made. An alert comes after 26 hours.",
        "s",
        "time() - max(board_backup_timestamp_seconds{board})",
    ),
    _number(
        "Certificate",
        "How long the certificate at PUBLIC_URL is still valid.",
        "s",
        "min(board_certificate_expiry_timestamp_seconds{board}) - time()",
    ),
    _number(
        "Redis",
        "Whether Redis answers every process, if the board uses one.",
        "none",
        "min(board_redis_up{board})",
        {1: "answers", 0: "away"},
    ),
)

ASKED_FOR = (
    Panel(
        "Requests",
        "Requests a second by the status of their answers, without those that ask for health.",
        "reqps",
        {"{{status}}": rate(f"{REQUESTS}_count", ASKED, OVER, "status")},
    ),
    Panel(
        "How long requests take",
        "Half of all requests, 95 and 99 in 100, take no longer.",
        "s",
        _quantiles(REQUESTS, ASKED),
    ),
    Panel(
        "Slowest addresses",
        "The five addresses whose requests take longest, 95 in 100 no longer than this.",
        "s",
        {
            "{{route}}": "topk(5, histogram_quantile(0.95, "
            f"{rate(f'{REQUESTS}_bucket', ASKED, OVER, 'le, route')}) >= 0)"
        },
    ),
)

LIVE = (
    Panel(
        "Open pages by server",
        "Pages that are open, by the pod or server that holds their stream.",
        "short",
        {"{{instance}}": "sum by (instance) (board_streams_open{board})"},
        width=6,
    ),
    Panel(
        "How long changes take to open pages",
        "From when a change is written to when every open page's queue has it.",
        "s",
        _quantiles("board_delivery_seconds"),
        width=6,
    ),
    Panel(
        "Changes behind",
        "Changes that open pages have not got yet. It goes back to 0 at once.",
        "short",
        {"{{instance}}": "max by (instance) (board_events_behind{board})"},
        width=6,
    ),
    Panel(
        "Streams that begin and break off",
        "A minute. Resync: the page was away for long, and loads its list anew. "
        "Too slow: too much waited for a page, which comes back by itself.",
        "cpm",
        {
            "{{result}}": _a_minute("board_stream_replays_total", "result"),
            "too slow": _a_minute("board_stream_overflows_total", ""),
        },
        width=6,
    ),
)

PEOPLE = (
    Panel(
        "Messages",
        "Messages posted a minute.",
        "cpm",
        {"posted": _a_minute("board_messages_posted_total", "")},
    ),
    Panel(
        "Signing in",
        "Attempts to sign in a minute, by what with and by how they end.",
        "cpm",
        {"{{method}} {{outcome}}": _that_happened("board_sign_ins_total", "method, outcome")},
    ),
    Panel(
        "Refused by limits",
        "Requests a minute that were one too many, by the limit they met.",
        "cpm",
        {"{{limit}}": _that_happened("board_throttled_total", "limit")},
    ),
)

DATABASE = (
    Panel(
        "Connections in use",
        "Which part of the database connections is in use, by what for.",
        "percentunit",
        {
            "{{lane}}": "sum by (lane)"
            f" (avg_over_time(board_database_connections_in_use{{board}}[{OVER}]))"
            " / sum by (lane) (board_database_connections_limit{board})"
        },
    ),
    Panel(
        "Waiting for a connection",
        "95 in 100 requests wait no longer than this, by what the connection is for.",
        "s",
        {
            "{{lane}}": "histogram_quantile(0.95, "
            f"{rate('board_database_wait_seconds_bucket', '', OVER, 'le, lane')})"
        },
    ),
    Panel(
        "Searches",
        "Half of all searches, 95 and 99 in 100, take no longer in the database.",
        "s",
        _quantiles("board_search_seconds"),
    ),
    Panel(
        "Size of the database",
        "All of it, with its indexes.",
        "bytes",
        {"database": "max(board_database_size_bytes{board})"},
    ),
    Panel(
        "Room on the disk",
        "What is free on the disk of the data folder. Only with SQLite.",
        "bytes",
        {
            "free": "min(board_disk_free_bytes{board})",
            "size": "min(board_disk_size_bytes{board})",
        },
    ),
    Panel(
        "Release",
        "How many pods, or servers, run which release, from which commit.",
        "short",
        {"{{version}} {{commit}}": "count by (version, commit) (board_build_info{board})"},
    ),
)

ROWS = {
    "How it is": HOW_IT_IS,
    "What is asked": ASKED_FOR,
    "What is live": LIVE,
    "People": PEOPLE,
    "Database": DATABASE,
}
