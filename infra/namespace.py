"""The namespace: Pod Security 'restricted', and room for the biggest board there can be."""

import pulumi
from pulumi_kubernetes.core.v1 import LimitRange, Namespace, ResourceQuota

from infra import sizes
from infra.pods import APP
from infra.settings import Settings

SECURITY = "pod-security.kubernetes.io"
# Of the newest Kubernetes the deployment is tried with. Unpinned, an upgraded cluster might refuse
# pods of a board that nobody changed; it warns of what the pinned version lets pass.
SECURITY_VERSION = "v1.37"


class Room(pulumi.ComponentResource):
    """A namespace of its own, with quotas."""

    def __init__(self, settings: Settings, opts: pulumi.ResourceOptions) -> None:
        super().__init__("board:infra:Room", "room", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        modes = {f"{SECURITY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        namespace = Namespace(
            "namespace",
            metadata={
                "name": settings.namespace,
                "labels": {
                    "app.kubernetes.io/name": APP,
                    **modes,
                    f"{SECURITY}/enforce-version": SECURITY_VERSION,
                },
            },
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect),
        )
        self.name: pulumi.Output[str] = namespace.metadata.name
        ResourceQuota(
            "quota",
            metadata={"name": "quota", "namespace": self.name},
            spec={"hard": _quota()},
            opts=child,
        )
        LimitRange(
            "limits",
            metadata={"name": "limits", "namespace": self.name},
            spec={
                "limits": [
                    {
                        "type": "Container",
                        # For pods that somebody starts by hand, or an operator without sizes.
                        "default_request": sizes.TASK.resources["requests"],
                        "default": sizes.TASK.resources["limits"],
                        "max": sizes.POSTGRES.resources["limits"],
                    }
                ]
            },
            opts=child,
        )
        self.register_outputs({"name": self.name})


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
