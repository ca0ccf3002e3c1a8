"""A pod that runs one command of the board on its database, and ends."""

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgsDict,
    PodTemplateSpecArgsDict,
    VolumeArgsDict,
    VolumeMountArgsDict,
)

from infra import database, sizes
from infra.pods import (
    BOARD_USER,
    SECRETS,
    env,
    labels,
    mount,
    pod,
    scratch,
    secret_volume,
)
from infra.settings import Settings


def template(
    name: str,
    command: list[str],
    settings: Settings,
    database_secret: pulumi.Output[str],
    *volumes: tuple[VolumeArgsDict, VolumeMountArgsDict],
    **environ: str,
) -> PodTemplateSpecArgsDict:
    """Return the pod of a Job named `name`, with volumes of its own and where they are mounted.

    `environ` comes on top of what every such pod has in its environment.
    """
    container: ContainerArgsDict = {
        "name": name,
        "image": settings.image,
        "args": command,
        "env": env(DATABASE_URL_FILE=f"{SECRETS}/{database.FILE}", **environ),
        "resources": sizes.TASK.resources,
        "volume_mounts": [
            mount("secrets", SECRETS, read_only=True),
            mount("tmp", "/tmp"),  # noqa: S108
            *(mounted for _, mounted in volumes),
        ],
    }
    all_volumes = [
        secret_volume("secrets", database_secret),
        scratch("tmp", "256Mi"),
        *(volume for volume, _ in volumes),
    ]
    return {
        "metadata": {"labels": labels(name)},
        "spec": {**pod(BOARD_USER, container, all_volumes, settings), "restart_policy": "Never"},
    }
