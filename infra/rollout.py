"""How a server's pods come and go: never fewer than there should be, and nobody is cut off."""

import pulumi
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgsDict
from pulumi_kubernetes.core.v1 import (
    LifecycleArgsDict,
    PodSpecArgsDict,
    TopologySpreadConstraintArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from infra import sizes
from infra.pods import labels, named

LEAVE = 5  # seconds after which nobody is sent to a pod that is to stop
# The board's image has no shell and no `sleep`; the kubelet waits by itself.
LEAVING: LifecycleArgsDict = {"pre_stop": {"sleep": {"seconds": LEAVE}}}


def deployment(
    name: str, replicas: int, pod: PodSpecArgsDict, annotations: ObjectMetaArgsDict | None = None
) -> DeploymentSpecArgsDict:
    """Return a Deployment of these pods, whose new ones are ready before old ones go."""
    return {
        "replicas": replicas,
        "selector": {"match_labels": labels(name)},
        "strategy": {
            "type": "RollingUpdate",
            "rolling_update": {"max_unavailable": 0, "max_surge": sizes.SURGE},
        },
        "revision_history_limit": 3,
        "template": {"metadata": {"labels": labels(name), **(annotations or {})}, "spec": pod},
    }


def lasting(name: str, pod: PodSpecArgsDict, drain: int) -> PodSpecArgsDict:
    """Return the pod on a node of its own where it can be, with so many seconds to end in."""
    return {
        **pod,
        "topology_spread_constraints": [_spread(name)],
        "termination_grace_period_seconds": LEAVE + drain,
    }


def _spread(name: str) -> TopologySpreadConstraintArgsDict:
    return {
        "max_skew": 1,
        "topology_key": "kubernetes.io/hostname",
        "when_unsatisfiable": "ScheduleAnyway",
        "label_selector": {"match_labels": labels(name)},
        # Without it a rollout counts the old pods, and leaves the new ones together.
        "match_label_keys": ["pod-template-hash"],
    }


def budget(
    name: str, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> PodDisruptionBudget:
    """Let whoever empties nodes take one pod at a time."""
    return PodDisruptionBudget(
        name,
        metadata=named(name, namespace),
        spec={
            "max_unavailable": 1,
            "selector": {"match_labels": labels(name)},
            "unhealthy_pod_eviction_policy": "AlwaysAllow",
        },
        opts=opts,
    )
