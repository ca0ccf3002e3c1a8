"""Volumes that outlive the pods that use them."""

import pulumi
from pulumi_kubernetes.core.v1 import PersistentVolumeClaim, PersistentVolumeClaimSpecArgsDict

from infra.pods import labels
from infra.settings import Settings


def claim(
    name: str,
    size: str,
    settings: Settings,
    namespace: pulumi.Output[str],
    parent: pulumi.Resource,
    *,
    protect: bool | None = None,
) -> PersistentVolumeClaim:
    """Return a claim that no `up` and no `destroy` deletes unless told twice.

    It is protected as the stack's settings say, or as `protect` does.
    """
    spec: PersistentVolumeClaimSpecArgsDict = {
        "access_modes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
    }
    if settings.storage_class:
        spec["storage_class_name"] = settings.storage_class
    return PersistentVolumeClaim(
        name,
        metadata={"name": name, "namespace": namespace, "labels": labels(name)},
        spec=spec,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=settings.protect if protect is None else protect,
            # A volume keeps its class: naming the one it has must not replace it.
            ignore_changes=["spec.storageClassName"],
        ),
    )
