"""What network policies are made of: peers, ports, rules."""

from collections.abc import Mapping

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

from infra.pods import labels
from infra.settings import Settings

NODE_LOCAL_DNS = "169.254.20.10/32"  # NodeLocal DNSCache, where there is one
NAMESPACE = "kubernetes.io/metadata.name"


def make(
    policies: Mapping[str, NetworkPolicySpecArgsDict],
    namespace: pulumi.Output[str],
    parent: pulumi.Resource,
) -> None:
    """Deny everything both ways in a namespace, and allow what these policies do."""
    both = {"policy_types": ["Ingress", "Egress"]}
    all_of_them: dict[str, NetworkPolicySpecArgsDict] = {"deny-all": {"pod_selector": {}}}
    for name, spec in (all_of_them | {**policies}).items():
        # A changed one is a new one beside the old, which goes at the end of an `up`: until
        # then the pods of before keep their edges, and those to come have theirs.
        NetworkPolicy(
            name,
            metadata={"namespace": namespace},
            spec={**both, **spec},
            opts=pulumi.ResourceOptions(parent=parent, replace_on_changes=["spec"]),
        )


def dns(settings: Settings) -> NetworkPolicyEgressRuleArgsDict:
    return {
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
        "to": [
            peer(settings.dns_namespace, settings.dns_labels),
            {"ip_block": {"cidr": NODE_LOCAL_DNS}},
        ],
    }


def those(component: str) -> LabelSelectorArgsDict:
    """Return what selects the pods of one kind."""
    return {"match_labels": labels(component)}


def peer(namespace: str, pods: dict[str, str]) -> NetworkPolicyPeerArgsDict:
    """Return pods of another namespace."""
    return {
        "namespace_selector": {"match_labels": {NAMESPACE: namespace}},
        "pod_selector": {"match_labels": pods},
    }


def ports(*numbers: int) -> list[NetworkPolicyPortArgsDict]:
    return [{"port": number, "protocol": "TCP"} for number in numbers]


def to(pods: LabelSelectorArgsDict, *numbers: int) -> NetworkPolicyEgressRuleArgsDict:
    return {"to": [{"pod_selector": pods}], "ports": ports(*numbers)}


def by(pods: LabelSelectorArgsDict, *numbers: int) -> NetworkPolicyIngressRuleArgsDict:
    return {"from_": [{"pod_selector": pods}], "ports": ports(*numbers)}


def in_networks(
    networks: tuple[str, ...], rule: NetworkPolicyEgressRuleArgsDict
) -> NetworkPolicyEgressRuleArgsDict:
    """Return a rule for whoever is in these networks; for anybody if there are none."""
    peers: list[NetworkPolicyPeerArgsDict] = [{"ip_block": {"cidr": each}} for each in networks]
    return {"to": peers, **rule} if peers else rule
