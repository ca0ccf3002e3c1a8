"""Filebeat on every node, which reads what the pods of the board write, and nobody else's."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.apps.v1 import DaemonSet, DaemonSetSpecArgsDict
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgsDict,
    EnvVarArgsDict,
    PodSpecArgsDict,
    Secret,
    VolumeArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

from infra import sizes
from infra.logs import collecting
from infra.pods import env, get, labels, mount, named, pod, scratch, secret_volume
from infra.settings import Settings

NAME = "filebeat"
# Whose the kubelet's files are. Without any capability it reads no other user's.
ROOT = 0
AUTHORITIES = "/etc/authorities"
END = 30  # seconds


class Filebeat(pulumi.ComponentResource):
    """A DaemonSet that keeps on each node how far it has read, so that no line is lost."""

    def __init__(
        self,
        settings: Settings,
        namespace: pulumi.Output[str],
        output: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("board:infra:Filebeat", NAME, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata: ObjectMetaArgsDict = {"namespace": namespace}
        files = collecting.files(settings)
        config = ConfigMap(NAME, metadata=metadata, data=files, opts=child)
        signing_in = pulumi.Output.json_dumps({"output": {"elasticsearch": dict(output)}})
        secret = Secret(NAME, metadata=metadata, string_data={"output.yml": signing_in}, opts=child)
        volumes = _volumes(settings, config.metadata.name, secret.metadata.name)
        if settings.authorities:
            volumes.append(_authorities(settings, metadata, child))
        DaemonSet(
            NAME,
            metadata=named(NAME, namespace),
            spec=_spec(pod(ROOT, _container(settings), volumes, settings)),
            opts=child,
        )
        self.register_outputs({})


def _spec(made: PodSpecArgsDict) -> DaemonSetSpecArgsDict:
    return {
        "selector": {"match_labels": labels(NAME)},
        # The pods of the board tolerate nothing, so this one is wherever they are.
        "template": {
            "metadata": {"labels": labels(NAME)},
            "spec": {**made, "termination_grace_period_seconds": END},
        },
    }


def _container(settings: Settings) -> ContainerArgsDict:
    mounts = [
        mount("config", collecting.FOLDER, read_only=True),
        mount("secrets", collecting.SECRETS, read_only=True),
        mount("lines", collecting.LINES, read_only=True),
        mount("data", collecting.DATA),
        mount("tmp", "/tmp"),  # noqa: S108
    ]
    more = {}
    if settings.authorities:  # beside the usual ones
        mounts.append(mount("authorities", AUTHORITIES, read_only=True))
        more = {"SSL_CERT_DIR": AUTHORITIES}
    node: EnvVarArgsDict = {
        "name": "NODE_NAME",
        "value_from": {"field_ref": {"field_path": "spec.nodeName"}},
    }
    return {
        "name": NAME,
        "image": settings.filebeat_image,
        "args": [
            "-e",  # its own lines to standard error
            *("-c", f"{collecting.FOLDER}/filebeat.yml"),
            *("-c", f"{collecting.SECRETS}/output.yml"),
        ],
        "env": [node, *env(**more)],
        "ports": [{"name": "http", "container_port": collecting.PORT, "protocol": "TCP"}],
        "startup_probe": get("/", seconds=2, failures=60),
        "readiness_probe": get("/", seconds=5, failures=2),
        "liveness_probe": get("/", seconds=10, failures=6),
        "resources": sizes.FILEBEAT.resources,
        "volume_mounts": mounts,
    }


def _volumes(
    settings: Settings, config: pulumi.Output[str], secret: pulumi.Output[str]
) -> list[VolumeArgsDict]:
    data = f"/var/lib/{settings.logs_namespace}"
    return [
        {"name": "config", "config_map": {"name": config}},
        secret_volume("secrets", secret),
        {"name": "lines", "host_path": {"path": collecting.LINES, "type": "Directory"}},
        # On the node: a new pod goes on where the one before was.
        {"name": "data", "host_path": {"path": data, "type": "DirectoryOrCreate"}},
        scratch("tmp", "16Mi"),
    ]


def _authorities(
    settings: Settings, metadata: ObjectMetaArgsDict, opts: pulumi.ResourceOptions
) -> VolumeArgsDict:
    data = {"authorities.pem": settings.authorities}
    made = ConfigMap("logs-authorities", metadata=metadata, data=data, opts=opts)
    return {"name": "authorities", "config_map": {"name": made.metadata.name}}
