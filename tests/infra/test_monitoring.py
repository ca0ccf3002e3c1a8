"""What watches the board: nothing, an operator that is there, or a Prometheus of its own."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.environment import METRICS_PORT
from infra.monitoring.dashboards import dashboard
from infra.monitoring.rules import groups
from tests.infra import engine
from tests.infra.edges import WORLD, ways_out
from tests.infra.engine import Run
from tests.infra.objects import (
    Object,
    environment,
    files,
    of_kind,
    one,
    parts,
    pod,
    port_names,
)
from tests.infra.scenarios import IMAGE, OUTSIDE, configured, deployed, rendered

OWN = {"monitoring": "own"}
TLS = {"ingress": True, "ingressTlsSecret": "board-tls", **OUTSIDE}


def watching(objects: list[Object]) -> list[Object]:
    """Return what is in the namespace of what watches the board."""
    (found,) = [part for part in parts(objects) if part[0]["metadata"]["name"].endswith("ing")]
    return found


def test_a_board_that_nothing_watches_measures_nothing():
    objects = deployed("defaults")
    assert "METRICS_PORT" not in one(objects, "ConfigMap", "settings")["data"]
    assert port_names(pod(objects, "web")) == {"http": 8000}
    assert {service["metadata"]["name"] for service in of_kind(objects, "Service")} == {
        *("web", "nginx", "postgres"),
    }


@pytest.mark.parametrize("name", ["operator", "monitored"])
def test_a_watched_board_measures_on_a_port_of_its_own(name: str):
    objects = deployed(name)
    web = pod(objects, "web")
    (container,) = web.containers
    assert environment(container, objects)["METRICS_PORT"] == str(METRICS_PORT)
    assert port_names(web) == {"http": 8000, "metrics": METRICS_PORT}
    assert {port["port"] for port in one(objects, "Service", "web")["spec"]["ports"]} == {8000}


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({**OWN, "publicUrl": "https://board.example.org:8443"}, "8443/TCP"),
        ({**OWN, **TLS}, "443/TCP"),
        ({**OWN, "tlsSecret": "board-tls", "host": "board.example.org"}, "30443/TCP"),
        ({**OWN, "tlsSecret": "board-tls"}, ""),  # whose name in it, nobody has told
        ({**OWN, "publicUrl": "http://board.example.org"}, ""),
        ({"publicUrl": "https://board.example.org:8443"}, ""),
        (TLS, ""),
    ],
)
def test_a_watched_board_looks_at_its_certificate_where_people_see_it(
    given: dict[str, object], port: str
):
    objects = configured(**given)
    url = one(objects, "ConfigMap", "settings")["data"]["PUBLIC_URL"]
    assert url.startswith("https://") or not port
    beyond = {at for pod, to, at in ways_out(objects) if (pod, to) == ("web", WORLD)}
    assert beyond == ({port} if port else set())


def test_prometheus_finds_every_pod_of_the_board_by_the_name_of_a_service():
    objects = deployed("monitored")
    service = one(objects, "Service", "metrics")
    assert service["spec"]["clusterIP"] == "None"
    # One that is not ready is the one to know more of.
    assert service["spec"]["publishNotReadyAddresses"] is True
    (job,) = _config(objects)["scrape_configs"]
    assert job["job_name"] == "board"
    assert {(*each["names"], each["type"], each["port"]) for each in job["dns_sd_configs"]} == {
        (f"metrics.{service['metadata']['namespace']}.svc", kind, METRICS_PORT)
        for kind in ("A", "AAAA")
    }
    assert job["relabel_configs"] == [{"target_label": "namespace", "replacement": "htmx-fastapi"}]
    assert "serviceAccountName" not in pod(objects, "prometheus").spec


def _config(objects: list[Object]) -> dict[str, Any]:
    held = one(watching(objects), "ConfigMap", "prometheus")["data"]
    return yaml.safe_load(held["prometheus.yml"])


def test_prometheus_takes_its_configuration(tmp_path: Path):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    for name in ("monitored", "defaults-of-own"):
        objects = deployed(name) if name == "monitored" else configured(**OWN)
        for file, text in one(watching(objects), "ConfigMap", "prometheus")["data"].items():
            (tmp_path / file).write_text(text)
        command = [promtool, "check", "config", str(tmp_path / "prometheus.yml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"{len(groups()[0]['rules'])} rules found" in done.stdout


def test_prometheus_tells_the_alertmanager_that_is_named():
    (known,) = _config(deployed("monitored"))["alerting"]["alertmanagers"]
    assert known == {
        "scheme": "https",
        "path_prefix": "/here",
        "static_configs": [{"targets": ["alerts.example.org:443"]}],
    }
    assert _config(configured(**OWN))["alerting"]["alertmanagers"] == []


def test_prometheus_forgets_before_its_volume_is_full():
    prometheus = pod(configured(**OWN, monitoringStorage="20Gi", monitoringDays=90), "prometheus")
    args = dict(arg.removeprefix("--").split("=") for arg in prometheus.containers[0]["args"])
    assert args["storage.tsdb.retention.time"] == "90d"
    assert args["storage.tsdb.retention.size"] == f"{16 * 1024}MB"
    mounted = {m["mountPath"]: m["name"] for m in prometheus.containers[0]["volumeMounts"]}
    assert mounted[args["storage.tsdb.path"]] == "data"
    there = files(prometheus, prometheus.containers[0], watching(configured(**OWN)))
    assert args["config.file"] in there


def test_grafana_shows_the_dashboard_from_prometheus_and_asks_nobody_else():
    objects = watching(deployed("monitored"))
    held = one(objects, "ConfigMap", "provisioning")["data"]
    (source,) = yaml.safe_load(held["datasource.yaml"])["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    grafana = pod(objects, "grafana")
    (container,) = grafana.containers
    there = files(grafana, container, objects)
    assert {
        "/etc/grafana/provisioning/datasources/board.yaml",
        "/etc/grafana/provisioning/dashboards/board.yaml",
    } <= there
    environ = environment(container, objects)
    assert {
        environ["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"],
        environ["GF_SECURITY_ADMIN_PASSWORD__FILE"],
        environ["GF_SECURITY_SECRET_KEY__FILE"],
    } <= there
    (provider,) = yaml.safe_load(held["dashboards.yaml"])["providers"]
    assert f"{provider['options']['path']}/board.json" in there
    assert one(objects, "ConfigMap", "dashboards")["data"]["board.json"] == dashboard()
    off = {name for name, value in environ.items() if value == "false"}
    assert {
        "GF_AUTH_ANONYMOUS_ENABLED",
        "GF_ANALYTICS_REPORTING_ENABLED",
        "GF_ANALYTICS_CHECK_FOR_UPDATES",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
    } <= off
    on = {name for name, value in environ.items() if value == "true"}
    assert {"GF_SECURITY_DISABLE_GRAVATAR", "GF_PLUGINS_PREINSTALL_DISABLED"} <= on


def test_grafanas_password_is_made_once_and_how_to_get_it_is_told():
    found = rendered("monitored")
    made = found.named("grafana-password", ":RandomPassword").inputs["length"]
    password = engine.made_secret("grafana-password", made)
    assert one(deployed("monitored"), "Secret", "grafana")["stringData"]["password"] == password
    kubectl = "kubectl -n htmx-fastapi-monitoring"
    assert found.outputs["grafana"] == {
        "url": "http://localhost:3000",
        "open": f"{kubectl} port-forward deploy/grafana 3000",
        "password": f"{kubectl} exec deploy/grafana -- cat /run/secrets/grafana/password",
    }
    assert "grafana" not in rendered("operator").outputs


def test_an_operators_prometheus_watches_this_board_under_the_name_the_rules_know():
    objects = deployed("operator")
    for kind in ("PodMonitor", "PrometheusRule"):
        (item,) = of_kind(objects, kind)
        assert item["metadata"]["labels"]["release"] == "stack"
        assert item["metadata"]["namespace"] == "htmx-fastapi"
    (monitor,) = of_kind(objects, "PodMonitor")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= pod(objects, "web").labels.items()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] in port_names(pod(objects, "web"))
    assert {"targetLabel": "job", "replacement": "board"} in endpoint["relabelings"]
    (rules,) = of_kind(objects, "PrometheusRule")
    assert rules["spec"]["groups"] == groups('job="board",namespace="htmx-fastapi"')
    shown = one(objects, "ConfigMap", "board-dashboards")
    assert shown["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(shown["data"]["board.json"]) == json.loads(dashboard())


def left_by(**values: Any) -> dict[str, Any]:
    """Return what an `up` with these settings leaves for the next one to know."""
    first = engine.run({"image": IMAGE, **values})
    assert first.error == ""
    return first.outputs


def after(outputs: dict[str, Any], **values: Any) -> Run:
    return engine.run({"image": IMAGE, **values}, before=outputs)


def kept(found: Run) -> set[str]:
    """Return the names of what is there for the monitoring, but for what Pulumi groups it by."""
    own = [r for r in found.resources.values() if "::board:infra:Monitoring$" in r.urn]
    return {r.name for r in own if r.request.custom}


def test_measurements_stay_when_nothing_measures_any_more():
    found = after(left_by(**OWN))
    assert found.error == ""
    assert kept(found) == {"namespace", "quota", "limits", "deny-all", "prometheus"}
    assert found.named("prometheus", ":PersistentVolumeClaim").request.protect
    again = after(found.outputs)
    assert kept(again) == kept(found)
    assert "grafana" in kept(after(again.outputs, **OWN))
    assert kept(after(left_by())) == set()


def test_measurements_that_nothing_protects_go_when_nothing_measures_any_more():
    unprotected = left_by(**OWN, protect=False)
    assert kept(after(unprotected, protect=False)) == set()
    # The engine deletes nothing that was protected at its last run.
    first = after(left_by(**OWN), protect=False)
    assert "prometheus" in kept(first)
    assert not first.named("prometheus", ":PersistentVolumeClaim").request.protect
    assert kept(after(first.outputs, protect=False)) == set()


def test_the_volume_of_the_measurements_only_grows():
    before = left_by(**OWN)
    assert after(before, **OWN, monitoringStorage="9Gi").error == (
        "monitoringStorage can't be lowered from 10Gi to 9Gi: a volume only grows. "
        "With fewer monitoringDays there is less in it."
    )
    assert after(before, **OWN, monitoringStorage="11Gi").error == ""
