"""Who may talk to whom: nothing but the edges named here."""

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgsDict
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyEgressRuleArgsDict,
    NetworkPolicyIngressRuleArgsDict,
    NetworkPolicyPeerArgsDict,
    NetworkPolicyPortArgsDict,
    NetworkPolicySpecArgsDict,
)

from infra import (
    backup,
    cache,
    cloudnativepg,
    edges,
    environment,
    migration,
    nginx,
    password,
    postgres,
    web,
)
from infra.monitoring.prometheus import NAME as PROMETHEUS
from infra.pods import APP, labels
from infra.settings import POSTGRES_PORT, REDIS_PORT, Settings
from infra.settings.kinds import http_port
from service.base.smtp import smtp_url

COMPONENT = "app.kubernetes.io/component"
WITH_DATABASE = [web.NAME, migration.NAME, backup.NAME, backup.GET, password.COMPONENT]
OPERATORS = {"app.kubernetes.io/name": "prometheus"}  # what an operator calls the pods of its
API_SERVER: list[NetworkPolicyPortArgsDict] = [
    {"port": 443, "protocol": "TCP"},
    {"port": 6443, "protocol": "TCP"},
]


class Policies(pulumi.ComponentResource):
    """Everything is denied both ways; then each kind of pod is given its edges."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Policies", "policies", None, opts)
        policies: dict[str, NetworkPolicySpecArgsDict] = {
            "nginx": {
                "pod_selector": edges.those(nginx.NAME),
                "ingress": [_door(settings)],
                "egress": [edges.dns(settings), edges.to(edges.those(web.NAME), environment.PORT)],
            },
            "web": {
                "pod_selector": edges.those(web.NAME),
                "ingress": [
                    edges.by(edges.those(nginx.NAME), environment.PORT),
                    *_measured(settings),
                ],
                "egress": [*_outside(settings), *_to_cache(settings)],
            },
            "to-database": {
                "pod_selector": _with_database(),
                "egress": [edges.dns(settings), _to_database(settings)],
            },
            **_database(settings),
            **_cache(settings),
        }
        edges.make(policies, namespace, self)
        self.register_outputs({})


def _outside(settings: Settings) -> list[NetworkPolicyEgressRuleArgsDict]:
    """Return the ways to the mail server, to providers, to a collector and to the certificate.

    A policy knows addresses, not names.
    """
    rules: list[NetworkPolicyEgressRuleArgsDict] = []
    if settings.smtp_url:
        rules.append({"ports": edges.ports(smtp_url(settings.smtp_url).port)})
    if settings.providers:
        ports = edges.ports(*settings.provider_ports)
        rules.append(edges.in_networks(settings.provider_networks, {"ports": ports}))
    if port := http_port(settings.traces_endpoint):
        rules.append({"ports": edges.ports(port)})
    rules += _to_certificate(settings)
    return [edges.dns(settings), *rules] if rules else []


def _to_certificate(settings: Settings) -> list[NetworkPolicyEgressRuleArgsDict]:
    """Return the ways to the address that people use, and to the pods that may stand behind it.

    Where a port of a node or of a Service leads to pods, networks judge by those.
    """
    if not (port := settings.certificate_port):
        return []
    rules: list[NetworkPolicyEgressRuleArgsDict] = [{"ports": edges.ports(port)}]
    if settings.tls_secret and _is_open(settings):
        rules.append(edges.to(edges.those(nginx.NAME), nginx.TLS_PORT))
    if settings.controller_namespace and (settings.ingress or settings.gateway):
        # At which port a controller's pods listen is its own affair.
        rules.append({"to": [_controller(settings)], "ports": [{"protocol": "TCP"}]})
    return rules


def _measured(settings: Settings) -> list[NetworkPolicyIngressRuleArgsDict]:
    """Return the way in of the Prometheus that asks what is measured, to that port alone."""
    if not settings.is_monitored:
        return []
    theirs = edges.peer(settings.monitoring_namespace, OPERATORS)
    ours = edges.peer(settings.own_monitoring_namespace, labels(PROMETHEUS))
    who = ours if settings.monitoring == "own" else theirs
    return [{"from_": [who], "ports": edges.ports(environment.METRICS_PORT)}]


def _with_database() -> LabelSelectorArgsDict:
    return {
        "match_labels": {"app.kubernetes.io/name": APP},
        "match_expressions": [{"key": COMPONENT, "operator": "In", "values": WITH_DATABASE}],
    }


def _door(settings: Settings) -> NetworkPolicyIngressRuleArgsDict:
    """Everybody, if there is a node port; else the controller of the Ingress or Gateway."""
    tls = (nginx.TLS_PORT,) if settings.tls_secret else ()
    rule: NetworkPolicyIngressRuleArgsDict = {"ports": edges.ports(nginx.PORT, *tls)}
    return rule if _is_open(settings) else {"from_": [_controller(settings)], **rule}


def _is_open(settings: Settings) -> bool:
    """Return whether a port of the nodes leads to nginx."""
    return bool(settings.node_port or (settings.tls_secret and settings.node_port_tls))


def _controller(settings: Settings) -> NetworkPolicyPeerArgsDict:
    """Return the pods of the Ingress's or Gateway's controller; any pods if nobody says where."""
    there = settings.controller_namespace
    namespaces: LabelSelectorArgsDict = {"match_labels": {edges.NAMESPACE: there}} if there else {}
    return {"namespace_selector": namespaces}


def _to_database(settings: Settings) -> NetworkPolicyEgressRuleArgsDict:
    if settings.database == "statefulset":
        return edges.to(edges.those(postgres.NAME), POSTGRES_PORT)
    if settings.database == "cloudnativepg":
        return edges.to({"match_labels": cloudnativepg.LABEL}, POSTGRES_PORT)
    rule: NetworkPolicyEgressRuleArgsDict = {"ports": edges.ports(settings.database_port)}
    return edges.in_networks(settings.database_networks, rule)


def _database(settings: Settings) -> dict[str, NetworkPolicySpecArgsDict]:
    if settings.database == "statefulset":
        return {
            "postgres": {
                "pod_selector": edges.those(postgres.NAME),
                "ingress": [edges.by(_with_database(), POSTGRES_PORT)],
            }
        }
    if settings.database == "cloudnativepg":
        return {"postgres": _cloudnativepg(settings)}
    return {}


def _to_cache(settings: Settings) -> list[NetworkPolicyEgressRuleArgsDict]:
    if settings.cache == "valkey":
        return [edges.to(edges.those(cache.NAME), REDIS_PORT)]
    if settings.cache == "external":
        rule: NetworkPolicyEgressRuleArgsDict = {"ports": edges.ports(settings.redis_port)}
        return [edges.in_networks(settings.redis_networks, rule)]
    return []


def _cache(settings: Settings) -> dict[str, NetworkPolicySpecArgsDict]:
    if settings.cache != "valkey":
        return {}
    ingress = [edges.by(edges.those(web.NAME), REDIS_PORT)]
    return {cache.NAME: {"pod_selector": edges.those(cache.NAME), "ingress": ingress}}


def _cloudnativepg(settings: Settings) -> NetworkPolicySpecArgsDict:
    """Return the edges of the cluster's instances: clients, one another, operator, API server."""
    instances: LabelSelectorArgsDict = {"match_labels": cloudnativepg.LABEL}
    both = (POSTGRES_PORT, cloudnativepg.STATUS_PORT)
    operator = edges.peer(settings.cloudnativepg_namespace, cloudnativepg.OPERATOR)
    return {
        "pod_selector": instances,
        "ingress": [
            edges.by(_with_database(), POSTGRES_PORT),
            edges.by(instances, *both),
            {"from_": [operator], "ports": edges.ports(*both)},
        ],
        # The API server has no pods and, seen from here, no address that is known.
        "egress": [edges.dns(settings), edges.to(instances, *both), {"ports": API_SERVER}],
    }
