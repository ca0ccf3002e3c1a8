"""A Prometheus of the board's own: what it asks, how long it remembers, and whom it tells."""

from typing import Any
from urllib.parse import urlsplit

import pulumi
import yaml
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgsDict
from pulumi_kubernetes.core.v1 import ConfigMap, ContainerArgsDict, Service, ServiceSpecArgsDict

from infra import environment, sizes
from infra.monitoring.rules import groups
from infra.moves import size
from infra.pods import PROMETHEUS_USER, get, labels, mount, named, pod, scratch
from infra.settings import Settings
from infra.settings.kinds import http_port

NAME = "prometheus"
PORT = 9090
JOB = "board"
METRICS = "metrics"  # the Service whose name has the address of every pod
EVERY = "15s"
FULL = 80  # percent of the volume; what is being written and merged needs the rest
MEBIBYTE = 1024**2
REPLAY = 600  # seconds at most to read again what was not written down when it was killed
CONFIG = "/etc/prometheus"
DATA = "/prometheus"


class Prometheus(pulumi.ComponentResource):
    """One pod on a claim. It finds the board's by their names in the DNS, and needs no rights."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        claim: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Prometheus", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        config = ConfigMap(
            NAME, metadata={"namespace": namespace}, data=_files(settings), opts=child
        )
        service = Service(NAME, metadata=named(NAME, namespace), spec=_service(), opts=child)
        StatefulSet(
            NAME,
            metadata=named(NAME, namespace),
            spec=_spec(settings, service.metadata.name, config.metadata.name, claim),
            opts=child,
        )
        self.url = pulumi.Output.format("http://{}:{}", service.metadata.name, PORT)
        self.register_outputs({"url": self.url})


def found(namespace: pulumi.Output[str], opts: pulumi.ResourceOptions) -> Service:
    """Make the Service by which the board's pods are found, ready or not."""
    return Service(
        METRICS,
        metadata=named(METRICS, namespace),
        spec={
            "cluster_ip": "None",
            "publish_not_ready_addresses": True,
            "selector": labels("web"),
            "ports": [
                {
                    "name": METRICS,
                    "port": environment.METRICS_PORT,
                    "target_port": METRICS,
                    "protocol": "TCP",
                }
            ],
        },
        opts=opts,
    )


def alertmanager_port(settings: Settings) -> int:
    """Return where the Alertmanager listens, if there is one; 0 is none."""
    return http_port(settings.alertmanager_url)


def _files(settings: Settings) -> dict[str, str]:
    files = {"prometheus.yml": _config(settings), "rules.yml": {"groups": groups()}}
    return {name: yaml.safe_dump(content, sort_keys=False) for name, content in files.items()}


def _config(settings: Settings) -> dict[str, Any]:
    where = {
        "names": [f"{METRICS}.{settings.namespace}.svc"],  # the cluster's own domain is added
        "port": environment.METRICS_PORT,
        "refresh_interval": EVERY,
    }
    return {
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": _alertmanagers(settings)},
        "scrape_configs": [
            {
                "job_name": JOB,
                # A cluster has the one or the other kind of addresses for a Service.
                "dns_sd_configs": [{**where, "type": kind} for kind in ("A", "AAAA")],
                "relabel_configs": [
                    {"target_label": "namespace", "replacement": settings.namespace}
                ],
            }
        ],
    }


def _alertmanagers(settings: Settings) -> list[dict[str, Any]]:
    url = urlsplit(settings.alertmanager_url)
    if not url.hostname:
        return []
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    target = f"{host}:{alertmanager_port(settings)}"
    return [
        {
            "scheme": url.scheme,
            "path_prefix": url.path or "/",
            "static_configs": [{"targets": [target]}],
        }
    ]


def _service() -> ServiceSpecArgsDict:
    return {
        "cluster_ip": "None",
        "selector": labels(NAME),
        "ports": [{"name": "http", "port": PORT, "target_port": "http", "protocol": "TCP"}],
    }


def _spec(
    settings: Settings,
    service: pulumi.Output[str],
    config: pulumi.Output[str],
    claim: pulumi.Output[str],
) -> StatefulSetSpecArgsDict:
    made = pod(
        PROMETHEUS_USER,
        _container(settings),
        [
            {"name": "config", "config_map": {"name": config}},
            {"name": "data", "persistent_volume_claim": {"claim_name": claim}},
            scratch("tmp", "16Mi"),
        ],
        settings,
    )
    return {
        "replicas": 1,
        "pod_management_policy": "Parallel",  # see infra/postgres.py
        "service_name": service,
        "selector": {"match_labels": labels(NAME)},
        "template": {
            "metadata": {"labels": labels(NAME)},
            "spec": {**made, "termination_grace_period_seconds": 60},
        },
    }


def _container(settings: Settings) -> ContainerArgsDict:
    most = size(settings.monitoring_storage) * FULL // 100 // MEBIBYTE
    return {
        "name": NAME,
        "image": settings.prometheus_image,
        "args": [
            f"--config.file={CONFIG}/prometheus.yml",
            f"--storage.tsdb.path={DATA}",
            f"--storage.tsdb.retention.time={settings.monitoring_days}d",
            f"--storage.tsdb.retention.size={most}MB",
        ],
        "ports": [{"name": "http", "container_port": PORT, "protocol": "TCP"}],
        "startup_probe": get("/-/ready", seconds=2, failures=REPLAY // 2),
        "readiness_probe": get("/-/ready", seconds=5, failures=3),
        "liveness_probe": get("/-/healthy", seconds=10, failures=6),
        "resources": sizes.PROMETHEUS.resources,
        "volume_mounts": [
            mount("config", CONFIG, read_only=True),
            mount("data", DATA),
            mount("tmp", "/tmp"),  # noqa: S108
        ],
    }
