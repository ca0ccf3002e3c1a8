"""A real Prometheus asks a real board that is used, with the dashboard's queries and the rules."""

import json
import math

import pytest

from infra.monitoring.alerts import ALERTS
from infra.monitoring.dashboards import dashboard
from infra.monitoring.queries import JOB, of
from tests.monitoring.load import Watched
from tests.monitoring.prometheus import asked

QUERIES = {
    f"{panel['title']}: {target['legendFormat']}": target["expr"]
    for panel in json.loads(dashboard())["panels"]
    for target in panel.get("targets", ())
}
BOARD = f'job="{JOB}"'
OF_THE_MACHINE = {"BoardSlow", "BoardDeliverySlow", "BoardDiskLow"}  # it may be busy, and full
OF_THE_KUBELET = {"BoardVolumeLow"}  # which is nowhere but in a cluster


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_query_of_the_dashboard_has_something_to_show(used: Watched, query: str) -> None:
    found = used.prometheus.over(asked(query), used.started, used.ended)
    values = [float(value) for series in found for _, value in series["values"]]
    assert any(math.isfinite(value) for value in values), query


def test_every_alert_has_something_to_look_at(used: Watched) -> None:
    for alert in ALERTS:
        found = used.prometheus.over(of(BOARD, alert.measures), used.started, used.ended)
        assert bool(found) == (alert.name not in OF_THE_KUBELET), alert.name


def test_no_alert_is_about_to_fire_of_a_board_that_is_used(used: Watched) -> None:
    began = {each["metric"]["alertname"] for each in used.prometheus.ask("ALERTS")}
    assert not began - OF_THE_MACHINE


def test_prometheus_has_taken_the_rules(used: Watched) -> None:
    (group,) = used.prometheus.get("rules")["groups"]
    assert [each["name"] for each in group["rules"]] == [each.name for each in ALERTS]
    assert {each["health"] for each in group["rules"]} == {"ok"}
