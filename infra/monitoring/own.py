"""A Prometheus and a Grafana of the board's own, in a namespace of their own."""

import pulumi
from pulumi_kubernetes.core.v1 import Secret
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyEgressRuleArgsDict,
    NetworkPolicySpecArgsDict,
)

from infra import edges, environment, namespace, sizes
from infra.keys import KEY_LENGTH, PASSWORD_LENGTH, make
from infra.monitoring import grafana, prometheus
from infra.pods import labels
from infra.settings import Settings
from infra.volumes import claim


class Monitoring(pulumi.ComponentResource):
    """The namespace with what is to stay; and what measures and shows, while that is wanted."""

    def __init__(
        self, settings: Settings, board: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Monitoring", "monitoring", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        name = namespace.make(
            settings.own_monitoring_namespace, sizes.MONITORING, self, protect=settings.protect
        )
        data = claim(prometheus.NAME, settings.monitoring_storage, settings, name, self)
        on = settings.monitoring == "own"
        edges.make(_edges(settings) if on else {}, name, self)
        if on:
            prometheus.found(board, child)
            asked = prometheus.Prometheus(settings, name, data.metadata.name, child)
            grafana.Grafana(settings, name, asked.url, _secret(name, self), child)
        self.register_outputs({})


def _secret(name: pulumi.Output[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """Return the Secret with what Grafana's admin signs in with, made once."""
    made = Secret(
        grafana.NAME,
        metadata={"namespace": name},
        string_data={
            grafana.PASSWORD: make("grafana-password", PASSWORD_LENGTH, parent, protect=False),
            grafana.KEY: make("grafana-secret-key", KEY_LENGTH, parent, protect=False),
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return made.metadata.name


def _edges(settings: Settings) -> dict[str, NetworkPolicySpecArgsDict]:
    """Return who talks to whom there. Nobody comes in to Grafana: a port is forwarded past them."""
    board: NetworkPolicyEgressRuleArgsDict = {
        "to": [edges.peer(settings.namespace, labels("web"))],
        "ports": edges.ports(environment.METRICS_PORT),
    }
    told: list[NetworkPolicyEgressRuleArgsDict] = []
    if port := prometheus.alertmanager_port(settings):
        told = [{"ports": edges.ports(port)}]
    asked = edges.those(prometheus.NAME)
    shows = edges.those(grafana.NAME)
    return {
        prometheus.NAME: {
            "pod_selector": asked,
            "ingress": [edges.by(shows, prometheus.PORT)],
            "egress": [edges.dns(settings), board, *told],
        },
        grafana.NAME: {
            "pod_selector": shows,
            "egress": [edges.dns(settings), edges.to(asked, prometheus.PORT)],
        },
    }
