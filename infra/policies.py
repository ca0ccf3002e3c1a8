"""Who may talk to whom: nothing but the edges named here."""

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgsDict
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgsDict,
    NetworkPolicyIngressRuleArgsDict,
    NetworkPolicyPeerArgsDict,
    NetworkPolicyPortArgsDict,
    NetworkPolicySpecArgsDict,
)

from infra import backup, cloudnativepg, environment, migration, nginx, password, postgres, web
from infra.pods import APP, labels
from infra.settings import POSTGRES_PORT, Settings
from service.base.smtp import smtp_url

COMPONENT = "app.kubernetes.io/component"
WITH_DATABASE = [web.NAME, migration.NAME, backup.NAME, backup.GET, password.COMPONENT]
NODE_LOCAL_DNS = "169.254.20.10/32"  # NodeLocal DNSCache, where there is one
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
        both = {"policy_types": ["Ingress", "Egress"]}
        policies: dict[str, NetworkPolicySpecArgsDict] = {
            "deny-all": {"pod_selector": {}},
            "nginx": {
                "pod_selector": _is(nginx.NAME),
                "ingress": [_door(settings)],
                "egress": [_dns(settings), _to(_is(web.NAME), environment.PORT)],
            },
            "web": {
                "pod_selector": _is(web.NAME),
                "ingress": [_from(_is(nginx.NAME), environment.PORT)],
                "egress": _outside(settings),
            },
            "to-database": {
                "pod_selector": _with_database(),
                "egress": [_dns(settings), _to_database(settings)],
            },
            **_database(settings),
        }
        for name, spec in policies.items():
            # A changed one is a new one beside the old, which goes at the end of an `up`: until
            # then the pods of before keep their edges, and those to come have theirs.
            NetworkPolicy(
                name,
                metadata={"namespace": namespace},
                spec={**both, **spec},
                opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["spec"]),
            )
        self.register_outputs({})


def _outside(settings: Settings) -> list[NetworkPolicyEgressRuleArgsDict]:
    """Return the ways to the mail server and to providers, wherever those are, if there are any.

    A policy knows addresses, not names.
    """
    rules: list[NetworkPolicyEgressRuleArgsDict] = []
    if settings.smtp_url:
        rules.append({"ports": _ports(smtp_url(settings.smtp_url).port)})
    if settings.providers:
        ports = _ports(*settings.provider_ports)
        rules.append(_in_networks(settings.provider_networks, {"ports": ports}))
    return [_dns(settings), *rules] if rules else []


def _in_networks(
    networks: tuple[str, ...], rule: NetworkPolicyEgressRuleArgsDict
) -> NetworkPolicyEgressRuleArgsDict:
    """Return a rule for whoever is in these networks; for anybody if there are none."""
    peers: list[NetworkPolicyPeerArgsDict] = [{"ip_block": {"cidr": each}} for each in networks]
    return {"to": peers, **rule} if peers else rule


def _dns(settings: Settings) -> NetworkPolicyEgressRuleArgsDict:
    namespace = {"kubernetes.io/metadata.name": settings.dns_namespace}
    return {
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
        "to": [
            {
                "namespace_selector": {"match_labels": namespace},
                "pod_selector": {"match_labels": settings.dns_labels},
            },
            {"ip_block": {"cidr": NODE_LOCAL_DNS}},
        ],
    }


def _is(component: str) -> LabelSelectorArgsDict:
    return {"match_labels": labels(component)}


def _with_database() -> LabelSelectorArgsDict:
    return {
        "match_labels": {"app.kubernetes.io/name": APP},
        "match_expressions": [{"key": COMPONENT, "operator": "In", "values": WITH_DATABASE}],
    }


def _ports(*numbers: int) -> list[NetworkPolicyPortArgsDict]:
    return [{"port": number, "protocol": "TCP"} for number in numbers]


def _to(pods: LabelSelectorArgsDict, *ports: int) -> NetworkPolicyEgressRuleArgsDict:
    return {"to": [{"pod_selector": pods}], "ports": _ports(*ports)}


def _from(pods: LabelSelectorArgsDict, *ports: int) -> NetworkPolicyIngressRuleArgsDict:
    return {"from_": [{"pod_selector": pods}], "ports": _ports(*ports)}


def _door(settings: Settings) -> NetworkPolicyIngressRuleArgsDict:
    """Everybody, if there is a node port; else the controller of the Ingress or Gateway."""
    tls = (nginx.TLS_PORT,) if settings.tls_secret else ()
    rule: NetworkPolicyIngressRuleArgsDict = {"ports": _ports(nginx.PORT, *tls)}
    if settings.node_port or (settings.tls_secret and settings.node_port_tls):
        return rule
    pods: LabelSelectorArgsDict = {}
    if settings.controller_namespace:
        pods = {"match_labels": {"kubernetes.io/metadata.name": settings.controller_namespace}}
    return {"from_": [{"namespace_selector": pods}], **rule}


def _to_database(settings: Settings) -> NetworkPolicyEgressRuleArgsDict:
    if settings.database == "statefulset":
        return _to(_is(postgres.NAME), POSTGRES_PORT)
    if settings.database == "cloudnativepg":
        return _to({"match_labels": cloudnativepg.LABEL}, POSTGRES_PORT)
    rule: NetworkPolicyEgressRuleArgsDict = {"ports": _ports(settings.database_port)}
    return _in_networks(settings.database_networks, rule)


def _database(settings: Settings) -> dict[str, NetworkPolicySpecArgsDict]:
    if settings.database == "statefulset":
        return {
            "postgres": {
                "pod_selector": _is(postgres.NAME),
                "ingress": [_from(_with_database(), POSTGRES_PORT)],
            }
        }
    if settings.database == "cloudnativepg":
        return {"postgres": _cloudnativepg(settings)}
    return {}


def _cloudnativepg(settings: Settings) -> NetworkPolicySpecArgsDict:
    """Return the edges of the cluster's instances: clients, one another, operator, API server."""
    instances: LabelSelectorArgsDict = {"match_labels": cloudnativepg.LABEL}
    both = (POSTGRES_PORT, cloudnativepg.STATUS_PORT)
    namespace = {"kubernetes.io/metadata.name": settings.cloudnativepg_namespace}
    operator: NetworkPolicyPeerArgsDict = {
        "namespace_selector": {"match_labels": namespace},
        "pod_selector": {"match_labels": cloudnativepg.OPERATOR},
    }
    return {
        "pod_selector": instances,
        "ingress": [
            _from(_with_database(), POSTGRES_PORT),
            _from(instances, *both),
            {"from_": [operator], "ports": _ports(*both)},
        ],
        # The API server has no pods and, seen from here, no address that is known.
        "egress": [_dns(settings), _to(instances, *both), {"ports": API_SERVER}],
    }
