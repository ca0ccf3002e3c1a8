"""What a Prometheus operator that is there already makes its Prometheus and Grafana watch."""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap

from infra.monitoring import grafana
from infra.monitoring.prometheus import EVERY, JOB
from infra.monitoring.rules import groups
from infra.pods import labels
from infra.settings import Settings

NAME = "board"
API = "monitoring.coreos.com/v1"
SHOWN = {"grafana_dashboard": "1"}  # by which the operator's Grafana finds dashboards


class Monitors(pulumi.ComponentResource):
    """A PodMonitor, a PrometheusRule, and the dashboards."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Monitors", "monitors", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        where = f'job="{JOB}",namespace="{settings.namespace}"'
        specs = {"PodMonitor": _monitor(), "PrometheusRule": {"groups": groups(where)}}
        for kind, spec in specs.items():
            CustomResource(
                kind.lower(),
                api_version=API,
                kind=kind,
                metadata={
                    "name": NAME,
                    "namespace": namespace,
                    "labels": {**settings.monitoring_labels, **labels(NAME)},
                },
                spec=spec,
                opts=child,
            )
        # By a name of its own: beside the one before, both would write the same files.
        ConfigMap(
            "dashboards",
            metadata={
                "name": "board-dashboards",
                "namespace": namespace,
                "labels": {**SHOWN, **labels(NAME)},
            },
            data=grafana.files(),
            opts=child,
        )
        self.register_outputs({})


def _monitor() -> dict[str, object]:
    return {
        "selector": {"matchLabels": labels("web")},
        "podMetricsEndpoints": [
            {
                "port": "metrics",
                "interval": EVERY,
                "relabelings": [
                    {"targetLabel": "job", "replacement": JOB},
                    {"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"},
                ],
            }
        ],
    }
