"""A Grafana of the board's own, which shows what Prometheus knows and asks nobody else."""

from typing import Any

import pulumi
import yaml
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgsDict,
    KeyToPathArgsDict,
    PodSpecArgsDict,
    VolumeArgsDict,
)

from infra import rollout, sizes
from infra.pods import GRAFANA_USER, env, get, mount, named, pod, scratch, secret_volume
from infra.settings import Settings

NAME = "grafana"
PORT = 3000
HEALTH = "/api/health"
DATASOURCE = "prometheus"  # its uid
SECRETS = "/run/secrets/grafana"
PASSWORD, KEY = "password", "secret-key"
PROVISIONING = "/etc/grafana/provisioning"
DASHBOARDS = "/etc/grafana/dashboards"
DASHBOARD = "board.json"
DRAIN = 10  # seconds
# It tells nobody anything, looks for no updates, and downloads no plugins: it reaches nobody.
ALONE = {
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_ANALYTICS_FEEDBACK_LINKS_ENABLED": "false",
    "GF_NEWS_NEWS_FEED_ENABLED": "false",
    "GF_SECURITY_DISABLE_GRAVATAR": "true",
    "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
    "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
}


# Sources of data that its image brings beside Prometheus: each would be a process of its own.
UNUSED = (
    *("cloudwatch", "elasticsearch", "grafana-postgresql-datasource", "influxdb", "jaeger"),
    *("grafana-pyroscope-datasource", "loki", "mssql", "mysql", "opentsdb", "stackdriver"),
    *("tempo", "zipkin"),
)


class Grafana(pulumi.ComponentResource):
    """One pod without a volume: all that it shows is given to it anew at each start."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        prometheus: pulumi.Output[str],
        secret: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Grafana", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        held = {
            name: ConfigMap(name, metadata={"namespace": namespace}, data=data, opts=child)
            for name, data in (("provisioning", _provisioning(prometheus)), ("dashboards", files()))
        }
        volumes: list[VolumeArgsDict] = [
            {
                "name": "provisioning",
                "config_map": {"name": held["provisioning"].metadata.name, "items": _places()},
            },
            {
                "name": "dashboards",
                "config_map": {"name": held["dashboards"].metadata.name},
            },
            secret_volume("secrets", secret),
            scratch("data", "512Mi"),
            scratch("tmp", "64Mi"),
        ]
        self.deployment = Deployment(
            NAME,
            metadata=named(NAME, namespace),
            spec=rollout.deployment(NAME, 1, _pod(settings, volumes)),
            opts=child,
        )
        self.register_outputs({})


def files() -> dict[str, str]:
    """Return the dashboard as Grafana reads it."""
    # Half a second, which an `up` without monitoring does not need.
    from infra.monitoring.dashboards import dashboard  # noqa: PLC0415

    return {DASHBOARD: dashboard()}


def how_to_open(settings: Settings) -> dict[str, str]:
    """Return the commands that let one person in, and that print the password."""
    context = f"--context {settings.context} " if settings.context else ""
    kubectl = f"kubectl {context}-n {settings.own_monitoring_namespace}"
    return {
        "url": f"http://localhost:{PORT}",
        "open": f"{kubectl} port-forward deploy/{NAME} {PORT}",
        "password": f"{kubectl} exec deploy/{NAME} -- cat {SECRETS}/{PASSWORD}",
    }


def _provisioning(prometheus: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    source = prometheus.apply(lambda url: yaml.safe_dump(_datasource(url), sort_keys=False))
    return {"datasource.yaml": source, "dashboards.yaml": yaml.safe_dump(_providers())}


def _places() -> list[KeyToPathArgsDict]:
    return [
        {"key": "datasource.yaml", "path": "datasources/board.yaml"},
        {"key": "dashboards.yaml", "path": "dashboards/board.yaml"},
    ]


def _datasource(url: str) -> dict[str, Any]:
    source = {
        "name": "Prometheus",
        "uid": DATASOURCE,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "editable": False,
    }
    return {"apiVersion": 1, "datasources": [source]}


def _providers() -> dict[str, Any]:
    provider = {
        "name": "board",
        "type": "file",
        "allowUiUpdates": False,
        "disableDeletion": True,
        "options": {"path": DASHBOARDS},
    }
    return {"apiVersion": 1, "providers": [provider]}


def _pod(settings: Settings, volumes: list[VolumeArgsDict]) -> PodSpecArgsDict:
    made = pod(GRAFANA_USER, _container(settings), volumes, settings)
    return rollout.lasting(NAME, made, DRAIN)


def _container(settings: Settings) -> ContainerArgsDict:
    return {
        "name": NAME,
        "image": settings.grafana_image,
        "env": env(
            GF_SECURITY_ADMIN_PASSWORD__FILE=f"{SECRETS}/{PASSWORD}",
            GF_SECURITY_SECRET_KEY__FILE=f"{SECRETS}/{KEY}",
            GF_AUTH_ANONYMOUS_ENABLED="false",
            GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=f"{DASHBOARDS}/{DASHBOARD}",
            GF_PLUGINS_DISABLE_PLUGINS=",".join(UNUSED),
            **ALONE,
        ),
        "ports": [{"name": "http", "container_port": PORT, "protocol": "TCP"}],
        "startup_probe": get(HEALTH, seconds=2, failures=150),
        "readiness_probe": get(HEALTH, seconds=5, failures=3),
        "liveness_probe": get(HEALTH, seconds=10, failures=6),
        "lifecycle": rollout.LEAVING,
        "resources": sizes.GRAFANA.resources,
        "volume_mounts": [
            mount("provisioning", PROVISIONING, read_only=True),
            mount("dashboards", DASHBOARDS, read_only=True),
            mount("secrets", SECRETS, read_only=True),
            mount("data", "/var/lib/grafana"),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }
