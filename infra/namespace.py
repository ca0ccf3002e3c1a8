"""A namespace: Pod Security 'restricted', and quotas for the most there can be in it."""

import pulumi
from pulumi_kubernetes.core import v1 as core

from infra import sizes
from infra.pods import APP
from infra.settings import Settings

SECURITY = "pod-security.kubernetes.io"
# Of the newest Kubernetes the deployment is tried with. Unpinned, an upgraded cluster might refuse
# pods of a board that nobody changed; it warns of what the pinned version lets pass.
SECURITY_VERSION = "v1.37"
# In the state of every board there is. By another name all in it would be made anew.
KEPT_TYPE, KEPT_NAME = "board:infra:Room", "room"


class Namespace(pulumi.ComponentResource):
    """A namespace of its own, with quotas."""

    def __init__(self, settings: Settings, opts: pulumi.ResourceOptions) -> None:
        super().__init__(KEPT_TYPE, KEPT_NAME, None, opts)
        most = sizes.WITH_VALKEY if settings.cache == "valkey" else sizes.BOARD
        self.name = make(settings.namespace, most, self, protect=settings.protect)
        self.register_outputs({"name": self.name})


def make(
    name: str,
    most: sizes.Most,
    parent: pulumi.Resource,
    *,
    protect: bool,
    level: str = "restricted",
) -> pulumi.Output[str]:
    """Make a namespace in which there is room for so much; return its name.

    Its pods must meet this level of Pod Security.
    """
    made = core.Namespace(
        "namespace",
        metadata={"name": name, "labels": _labels(level)},
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    child = pulumi.ResourceOptions(parent=parent)
    core.ResourceQuota(
        "quota",
        metadata={"name": "quota", "namespace": made.metadata.name},
        spec={"hard": _quota(most)},
        opts=child,
    )
    core.LimitRange(
        "limits",
        metadata={"name": "limits", "namespace": made.metadata.name},
        spec={"limits": [_container_limits(most)]},
        opts=child,
    )
    return made.metadata.name


def _labels(level: str) -> dict[str, str]:
    modes = {f"{SECURITY}/{mode}": level for mode in ("enforce", "audit", "warn")}
    version = {f"{SECURITY}/enforce-version": SECURITY_VERSION}
    return {"app.kubernetes.io/name": APP, **modes, **version}


def _quota(most: sizes.Most) -> dict[str, str]:
    return {
        "pods": str(sum(count for _, count in most.pods)),
        "requests.cpu": f"{most.together.cpu}m",
        "requests.memory": f"{most.together.memory}Mi",
        "limits.cpu": f"{most.together.most_cpu}m",
        "limits.memory": f"{most.together.most_memory}Mi",
        "persistentvolumeclaims": str(most.claims),
        "services.loadbalancers": "0",
    }


def _container_limits(most: sizes.Most) -> core.LimitRangeItemArgsDict:
    return {
        "type": "Container",
        # For pods that somebody starts by hand, or an operator without sizes.
        "default_request": sizes.TASK.resources["requests"],
        "default": sizes.TASK.resources["limits"],
        "max": most.biggest.resources["limits"],
    }
