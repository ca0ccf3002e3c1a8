"""Instruments: nothing until they are begun, and by Prometheus's conventions."""

import re
import subprocess
import sys

from service.base import metrics
from service.base.metrics import Counter, Histogram
from tests.measuring import Measured

UNITS = ("_seconds", "_bytes")


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
    measured: Measured,
) -> None:
    assert measured.value("messages_posted_total") == 0
    assert measured.value("sign_ins_total", method="passkey", outcome="failed") == 0
    assert measured.value("backup_timestamp_seconds") is None
    metrics.backup_at.set(12)
    assert measured.value("backup_timestamp_seconds") == 12


def test_each_kind_counts(measured: Measured) -> None:
    metrics.replays.count("resync")
    metrics.connection_wait.observe(0.2, "reads")
    metrics.connections_limit.set(4, "reads")
    assert measured.value("stream_replays_total", result="resync") == 1
    assert measured.value("database_wait_seconds_sum", lane="reads") == 0.2
    assert measured.value("database_connections_limit", lane="reads") == 4
