"""Instruments: nothing until they are begun, and by Prometheus's conventions."""

import re
import subprocess
import sys
from collections.abc import Generator

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from service.base import metrics
from service.base.metrics import Counter, Histogram

UNITS = ("_seconds", "_bytes")


@pytest.fixture
def registry() -> Generator[CollectorRegistry]:
    made = CollectorRegistry()
    metrics.begin(made)
    yield made
    metrics.end()


def test_a_board_that_is_not_measured_does_not_import_the_library() -> None:
    script = (
        "import sys, service.app, service.cli; from service.base import metrics;"
        "metrics.posted.count(); metrics.searches.observe(1); metrics.streams_open.set(1);"
        "print('prometheus_client' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


def test_names_follow_the_conventions_of_prometheus() -> None:
    for name, each in metrics.DECLARED.items():
        assert re.fullmatch(r"board(_[a-z]+)+", name)
        assert each.help.endswith(".")
        assert name.endswith("_total") == isinstance(each, Counter)
        assert not isinstance(each, Histogram) or name.endswith(UNITS)


def test_what_may_happen_is_there_as_nought_and_what_is_not_known_is_absent(
    registry: CollectorRegistry,
) -> None:
    assert registry.get_sample_value("board_messages_posted_total") == 0
    labels = {"method": "passkey", "outcome": "failed"}
    assert registry.get_sample_value("board_sign_ins_total", labels) == 0
    assert b"board_backup_timestamp_seconds" not in generate_latest(registry)
    metrics.backup_at.set(12)
    assert registry.get_sample_value("board_backup_timestamp_seconds") == 12


def test_each_kind_counts(registry: CollectorRegistry) -> None:
    metrics.replays.count("resync")
    metrics.connection_wait.observe(0.2, "reads")
    metrics.connections_limit.set(4, "reads")
    found = registry.get_sample_value
    assert found("board_stream_replays_total", {"result": "resync"}) == 1
    assert found("board_database_wait_seconds_sum", {"lane": "reads"}) == 0.2
    assert found("board_database_connections_limit", {"lane": "reads"}) == 4
