"""What the alerts and the dashboard ask Prometheus for is there."""

import re

import pytest

from infra.monitoring.alerts import ALERTS
from infra.monitoring.panels import ROWS
from infra.monitoring.queries import JOB
from infra.monitoring.rules import groups
from service.base import metrics
from service.base.metrics import Histogram

PANELS = [panel for row in ROWS.values() for panel in row]
QUERIES = {
    f"{panel.title}: {name}": query for panel in PANELS for name, query in panel.queries.items()
}
QUERIES |= {alert.name: f"{alert.measures} {alert.when}" for alert in ALERTS}

OF_PROMETHEUS = {"up"}
SERIES = ("_bucket", "_count", "_sum")  # of a histogram
TARGET = {"job", "namespace", "instance"}


def asked(query: str) -> set[str]:
    """Return the names of the metrics that a query asks for, as they are declared."""
    found = set(re.findall(r"(\w+)\{", query))
    assert set(re.findall(r"\b(?:up|board_\w+)\b", query)) == found, "all are of one board"
    histograms = {name for name, each in metrics.DECLARED.items() if isinstance(each, Histogram)}
    declared = {f"{name}{part}": name for name in histograms for part in SERIES}
    return {declared.get(name, name) for name in found}


def words(pattern: str, query: str) -> set[str]:
    """Return the words in all places that a pattern finds."""
    return set(re.findall(r"\w+", " ".join(re.findall(pattern, query))))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_names_metrics_labels_and_buckets_that_there_are(query: str) -> None:
    names = asked(query) - OF_PROMETHEUS
    assert names <= set(metrics.DECLARED)
    labels = set().union(*(metrics.DECLARED[name].labels for name in names))
    grouped = words(r"\b(?:by|on) \(([\w, ]*)\)", query)
    matched = words(r'[{,](\w+)[!=]~?"', query)
    assert grouped | matched <= labels | TARGET | {"le"}
    for name, seconds in re.findall(r'(\w+)_bucket\{[^}]*le="([^"]+)"', query):
        histogram = metrics.DECLARED[name]
        assert isinstance(histogram, Histogram)
        assert seconds in map(str, histogram.buckets)  # as the library writes them


def test_all_that_is_measured_is_shown() -> None:
    shown = set().union(*(asked(query) for panel in PANELS for query in panel.queries.values()))
    assert shown == set(metrics.DECLARED) | OF_PROMETHEUS


def test_rules_ask_about_the_board_alone_that_they_are_made_for() -> None:
    where = f'job="{JOB}",namespace="crew"'
    (group,) = groups(where)
    for rule in group["rules"]:
        assert set(re.findall(r"\{(job=\"board\"[^},]*,namespace=\"\w+\")", rule["expr"])) == {
            where
        }
        assert rule["expr"].count("{") == rule["expr"].count(where)
