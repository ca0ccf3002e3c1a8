"""The namespace: Pod Security 'restricted', and quotas for the biggest board there can be."""

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
        made = core.Namespace(
            "namespace",
            metadata={"name": settings.namespace, "labels": _labels()},
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )
        self.name: pulumi.Output[str] = made.metadata.name
        child = pulumi.ResourceOptions(parent=self)
        core.ResourceQuota(
            "quota",
            metadata={"name": "quota", "namespace": self.name},
            spec={"hard": _quota()},
            opts=child,
        )
        core.LimitRange(
            "limits",
            metadata={"name": "limits", "namespace": self.name},
            spec={"limits": [_container_limits()]},
            opts=child,
        )
        self.register_outputs({"name": self.name})


def _labels() -> dict[str, str]:
    modes = {f"{SECURITY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    version = {f"{SECURITY}/enforce-version": SECURITY_VERSION}
    return {"app.kubernetes.io/name": APP, **modes, **version}


def _quota() -> dict[str, str]:
    all_pods = sizes.together()
    return {
        "pods": str(sum(count for _, count in sizes.PODS)),
        "requests.cpu": f"{all_pods.cpu}m",
        "requests.memory": f"{all_pods.memory}Mi",
        "limits.cpu": f"{all_pods.most_cpu}m",
        "limits.memory": f"{all_pods.most_memory}Mi",
        "persistentvolumeclaims": str(sizes.CLAIMS),
        "services.loadbalancers": "0",
    }


def _container_limits() -> core.LimitRangeItemArgsDict:
    return {
        "type": "Container",
        # For pods that somebody starts by hand, or an operator without sizes.
        "default_request": sizes.TASK.resources["requests"],
        "default": sizes.TASK.resources["limits"],
        "max": sizes.POSTGRES.resources["limits"],
    }
