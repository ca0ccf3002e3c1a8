"""What all pods have in common: labels, a hardened security context, small volumes."""

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgsDict,
    EnvVarArgsDict,
    PodSecurityContextArgsDict,
    PodSpecArgsDict,
    ProbeArgsDict,
    SecurityContextArgsDict,
    VolumeArgsDict,
    VolumeMountArgsDict,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

from infra.settings import Settings

APP = "htmx-fastapi"
BOARD_USER = 10001  # the uid and gid of the board's image
POSTGRES_USER = 999  # in Debian's variant of the official image
PROMETHEUS_USER = 65534  # nobody in the official image
GRAFANA_USER = 472  # in the official image
VALKEY_USER = 10002  # it owns no file, so any will do that no node knows
READABLE = 0o440  # by the pod's own group
SECRETS = "/run/secrets/board"

# What Pod Security 'restricted' asks of a container, and a root nobody can write to.
RESTRICTED: SecurityContextArgsDict = {
    "allow_privilege_escalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "read_only_root_filesystem": True,
}


def labels(component: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": APP, "app.kubernetes.io/component": component}


def named(name: str, namespace: pulumi.Output[str]) -> ObjectMetaArgsDict:
    """Return the metadata of an object whose name people and other objects know."""
    return {"name": name, "namespace": namespace, "labels": labels(name)}


def pod(
    uid: int, container: ContainerArgsDict, volumes: list[VolumeArgsDict], settings: Settings
) -> PodSpecArgsDict:
    """Return a pod of one container, as little trusted as it can be."""
    made: PodSpecArgsDict = {
        "automount_service_account_token": False,
        "enable_service_links": False,  # or a Service named web would set WEB_PORT in every pod
        "security_context": user(uid),
        "containers": [
            {
                **container,
                "image_pull_policy": "IfNotPresent",
                "security_context": RESTRICTED,
                # What a container said last is told with its failure.
                "termination_message_policy": "FallbackToLogsOnError",
            }
        ],
        "volumes": volumes,
    }
    if settings.image_pull_secret:
        made["image_pull_secrets"] = [{"name": settings.image_pull_secret}]
    return made


def user(uid: int) -> PodSecurityContextArgsDict:
    """Run as this user; the pod's volumes and secrets are its group's."""
    return {
        "run_as_non_root": uid != 0,
        "run_as_user": uid,
        "run_as_group": uid,
        "fs_group": uid,
        "fs_group_change_policy": "OnRootMismatch",
        "seccomp_profile": {"type": "RuntimeDefault"},
    }


def get(path: str, seconds: int, failures: int) -> ProbeArgsDict:
    """Ask for a page every so many seconds; so many failures in a row count."""
    return {
        "http_get": {"path": path, "port": "http"},
        "period_seconds": seconds,
        "timeout_seconds": min(seconds, 5),
        "failure_threshold": failures,
    }


def ask(command: list[str], seconds: int, failures: int) -> ProbeArgsDict:
    """Run a command in the container every so many seconds; so many failures in a row count."""
    return {
        "exec_": {"command": command},
        "period_seconds": seconds,
        "timeout_seconds": 5,
        "failure_threshold": failures,
    }


def env(**values: str) -> list[EnvVarArgsDict]:
    return [{"name": name, "value": value} for name, value in values.items()]


def scratch(name: str, size: str) -> VolumeArgsDict:
    return {"name": name, "empty_dir": {"size_limit": size}}


def secret_volume(name: str, secret: pulumi.Input[str]) -> VolumeArgsDict:
    return {"name": name, "secret": {"secret_name": secret, "default_mode": READABLE}}


def mount(name: str, path: str, *, read_only: bool = False) -> VolumeMountArgsDict:
    return {"name": name, "mount_path": path, "read_only": read_only}
