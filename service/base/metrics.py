"""What is measured: each instrument by its name, declared once and used where the thing happens.

They do nothing until `begin`, which also imports the library: it costs a start 15 ms.
"""

import itertools
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, override

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # in the environment: where each process counts

DECLARED: dict[str, "Instrument"] = {}
_making = threading.Lock()


class Instrument:
    """One metric. `labels` are what each of its labels may say, or () if only a request tells."""

    _kind: str

    def __init__(self, name: str, help: str, **labels: Iterable[str]) -> None:
        self.name = name
        self.help = help
        self.labels = {label: tuple(each) for label, each in labels.items()}
        self._on = False
        DECLARED[name] = self
        self.end()

    def begin(self, registry: "CollectorRegistry | None") -> None:
        """Count from now on; what the labels may say is there from the start, as 0."""
        self._registry = registry
        self._on = True
        for each in itertools.product(*self.labels.values()):
            self._child(each)

    def end(self) -> None:
        """Count no more, and forget."""
        self._on = False
        self._family: Any = None
        self._children: dict[tuple[str, ...], Any] = {}

    def _child(self, labels: tuple[str, ...]) -> Any:
        found = self._children.get(labels)
        return self._made(labels) if found is None else found

    def _made(self, labels: tuple[str, ...]) -> Any:
        import prometheus_client  # noqa: PLC0415, only where something is measured

        with _making:
            if self._family is None:
                kind = getattr(prometheus_client, self._kind)
                options = {"registry": self._registry, **self._options()}
                self._family = kind(self.name, self.help, tuple(self.labels), **options)
            child = self._family.labels(*labels) if labels else self._family
            self._children[labels] = child
            return child

    def _options(self) -> dict[str, Any]:
        return {}


class Counter(Instrument):
    """How often something has happened."""

    _kind = "Counter"

    def count(self, *labels: str) -> None:
        if self._on:
            self._child(labels).inc()


class Gauge(Instrument):
    """How much of something there is, absent until it is known.

    `over` says what several processes have together: `sum`, `max`, `min` or `mostrecent`.
    """

    _kind = "Gauge"

    def __init__(self, name: str, help: str, over: str, **labels: Iterable[str]) -> None:
        super().__init__(name, help, **labels)
        self._over = over

    @override
    def begin(self, registry: "CollectorRegistry | None") -> None:
        self._registry = registry
        self._on = True

    def set(self, value: float, *labels: str) -> None:
        if self._on:
            self._child(labels).set(value)

    @override
    def _options(self) -> dict[str, Any]:
        return {"multiprocess_mode": f"live{self._over}"}  # a process that has gone has nothing


class Histogram(Instrument):
    """How long something took."""

    _kind = "Histogram"

    def __init__(
        self, name: str, help: str, buckets: tuple[float, ...], **labels: Iterable[str]
    ) -> None:
        super().__init__(name, help, **labels)
        self.buckets = buckets

    def observe(self, seconds: float, *labels: str) -> None:
        if self._on:
            self._child(labels).observe(seconds)

    @override
    def _options(self) -> dict[str, Any]:
        return {"buckets": self.buckets}


def begin(registry: "CollectorRegistry | None" = None) -> None:
    """Let all instruments count, in a registry or else in FOLDER."""
    if registry is None:  # logind removes a user's files in memory when they log out
        Path(os.environ[FOLDER]).mkdir(0o700, exist_ok=True)
    for each in DECLARED.values():
        each.begin(registry)


def end() -> None:
    """Let none count any more."""
    for each in DECLARED.values():
        each.end()


SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LANES = ("reads", "writes", "searches", "readiness")

build_info = Gauge(
    "board_build_info",
    "The release and the commit that run; always 1.",
    "max",
    version=(),
    commit=(),
)
requests = Histogram(
    "board_http_request_duration_seconds",
    "Requests and how long they took, without the stream of open pages.",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
    method=(),
    route=(),
    status=(),
)
streams_open = Gauge("board_streams_open", "Streams of open pages.", "sum")
delivery = Histogram(
    "board_delivery_seconds",
    "From when an event was written to when all open pages' queues had it.",
    SHORT,
)
events_behind = Gauge(
    "board_events_behind", "Events that the process which is furthest behind has to deliver.", "max"
)
overflows = Counter(
    "board_stream_overflows_total", "Streams ended because too much waited for their reader."
)
replays = Counter(
    "board_stream_replays_total",
    "Streams that began, by whether what they had missed could be told.",
    result=("replayed", "resync"),
)
posted = Counter("board_messages_posted_total", "Messages posted, each once.")
sign_ins = Counter(
    "board_sign_ins_total",
    "Attempts to sign in.",
    method=("password", "passkey", "provider"),
    outcome=("succeeded", "failed", "throttled"),
)
throttled = Counter(
    "board_throttled_total",
    "Requests refused because there were too many, by the limit they met.",
    limit=(
        "sign_ins",
        "codes",
        "tokens",
        "second_factor",
        "changes",
        "replays",
        "streams",
        "mails",
        "strangers",
        "registrations",
        "exports",
    ),
)
connections_in_use = Gauge(
    "board_database_connections_in_use",
    "Database connections in use, by the kind of work.",
    "sum",
    lane=LANES,
)
connections_limit = Gauge(
    "board_database_connections_limit",
    "Database connections at most, by the kind of work.",
    "sum",
    lane=LANES,
)
connection_wait = Histogram(
    "board_database_wait_seconds",
    "How long work waited for a database connection.",
    SHORT,
    lane=LANES,
)
searches = Histogram("board_search_seconds", "How long searches took in the database.", SHORT)
database_size = Gauge("board_database_size_bytes", "Size of the database.", "mostrecent")
disk_free = Gauge(
    "board_disk_free_bytes", "Free room on the disk of the data folder (SQLite).", "mostrecent"
)
disk_size = Gauge(
    "board_disk_size_bytes", "Size of the disk of the data folder (SQLite).", "mostrecent"
)
backup_at = Gauge(
    "board_backup_timestamp_seconds",
    "When the last backup that succeeded was made, in Unix time.",
    "mostrecent",
)
certificate_ends = Gauge(
    "board_certificate_expiry_timestamp_seconds",
    "When the certificate at PUBLIC_URL ends, in Unix time.",
    "mostrecent",
)
redis_up = Gauge("board_redis_up", "Whether Redis answers every process: 1, or else 0.", "min")
