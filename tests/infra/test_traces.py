"""Traces go to the collector that is named, and nowhere else."""

import pytest

from service.base import traces
from tests.infra.edges import WORLD, ways_out
from tests.infra.objects import one
from tests.infra.scenarios import configured, deployed


def test_a_board_sends_traces_if_a_collector_is_named():
    environ = one(deployed("operator"), "ConfigMap", "settings")["data"]
    assert traces.are_wanted(environ)
    assert traces.cannot(environ) is None
    assert environ["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector.tracing.svc:4318"
    assert not traces.are_wanted(one(deployed("defaults"), "ConfigMap", "settings")["data"])


@pytest.mark.parametrize(("scheme", "port"), [("http", "80/TCP"), ("https", "443/TCP")])
def test_a_collector_may_be_at_the_port_of_its_scheme(scheme: str, port: str):
    out = ways_out(configured(tracesEndpoint=f"{scheme}://collector.example.org"))
    assert {at for pod, to, at in out if (pod, to) == ("web", WORLD)} == {port}
