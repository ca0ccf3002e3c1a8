"""What every pod may not do, and what it has of its own: Pod Security 'restricted', and more."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.infra.objects import Object, Pod, pods, title

IMAGE = re.compile(r"[^\s@]+:[^:/\s@]+(@sha256:[0-9a-f]{64})?")
USERS = {"web": 10001, "migrate": 10001, "backup": 10001, "get-backups": 10001}
USERS |= {"nginx": 101, "postgres": 999, "login": 999, "elasticsearch": 1000}
USERS |= {"prometheus": 65534, "grafana": 472}
USERS |= {"valkey": 10002}
USERS |= {"filebeat": 0}  # whose the kubelet's files are
# What is mounted of a node, and whether that may be written to.
OF_NODE = {"filebeat": {"/var/log/pods": True, "/var/lib/htmx-fastapi-logs": False}}


def security(objects: list[Object]) -> Iterator[str]:
    """Pod Security 'restricted', and what goes beyond it."""
    for each in pods(objects):
        who, spec, context = title(each.owner), each.spec, each.spec.get("securityContext", {})
        user = USERS[each.name]
        if context.get("runAsNonRoot") is not bool(user) or context.get("runAsUser") != user:
            yield f"{who} may run as root or somebody else"
        if not context.get("runAsGroup") == context["runAsUser"] == context.get("fsGroup"):
            yield f"{who} is of another group than its user, or its volumes are"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{who} may make any system call"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{who} gets a token for the API server"
        if spec.get("enableServiceLinks") is not False:
            yield f"{who} gets every Service in its environment"
        for name in ("hostNetwork", "hostPID", "hostIPC", "hostUsers"):
            if name in spec:
                yield f"{who} sets {name}"
        for volume in spec.get("volumes", []):
            allowed = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}
            if not set(volume) - {"name"} <= allowed | ({"hostPath"} if user == 0 else set()):
                yield f"{who} has a volume of another kind: {volume}"
        if of_node(each) != OF_NODE.get(each.name, {}):
            yield f"{who} mounts {of_node(each)} of its node"
        yield from _containers_security(who, each)


def of_node(each: Pod) -> dict[str, bool]:
    """Return the folders of its node that a pod mounts, and whether only to read them."""
    folders = {
        volume["name"]: volume["hostPath"]["path"]
        for volume in each.spec.get("volumes", [])
        if "hostPath" in volume
    }
    return {
        folders[mount["name"]]: mount.get("readOnly") is True
        for container in each.containers
        for mount in container.get("volumeMounts", [])
        if mount["name"] in folders
    }


def _containers_security(who: str, each: Pod) -> Iterator[str]:
    for container in each.containers:
        context = container.get("securityContext", {})
        wanted = {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        yield from (f"{who}: {n} is not {v}" for n, v in wanted.items() if context.get(n) != v)
        if extra := set(context) - set(wanted):
            yield f"{who} sets {extra} for a container"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield f"{who} takes a port of the node"


def images(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        for container in each.containers:
            image = container["image"]
            if not IMAGE.fullmatch(image) or image.partition("@")[0].endswith(":latest"):
                yield f"{title(each.owner)} runs {image}, whatever that is"


def last_words(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        for container in each.containers:
            if container.get("terminationMessagePolicy") != "FallbackToLogsOnError":
                yield f"{title(each.owner)} fails without a word"


def mounts(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        declared = [volume["name"] for volume in each.spec.get("volumes", [])]
        used = set()
        for container in each.containers:
            mounted = container.get("volumeMounts", [])
            paths = Counter(mount["mountPath"] for mount in mounted)
            used |= {mount["name"] for mount in mounted}
            if "/tmp" not in paths:  # noqa: S108
                yield f"{title(each.owner)} has nowhere to write"
            if any(count > 1 for count in paths.values()):
                yield f"{title(each.owner)} mounts two volumes in one place"
            if any(not path.startswith("/") for path in paths):
                yield f"{title(each.owner)} mounts a volume nowhere"
        if sorted(declared) != sorted(used):
            yield f"{title(each.owner)} declares {declared} and mounts {used}"
        yield from _modes(each)


def _modes(each: Pod) -> Iterator[str]:
    for volume in each.spec.get("volumes", []):
        secrets = [volume.get("secret"), volume.get("projected")]
        if any(kind is not None and kind.get("defaultMode") != 0o440 for kind in secrets):
            yield f"{title(each.owner)} lets others read {volume['name']}"
        name = next((k for k in ("secret", "projected", "configMap") if k in volume), None)
        mount = [
            m for c in each.containers for m in c["volumeMounts"] if m["name"] == volume["name"]
        ]
        if name and any(m.get("readOnly") is not True for m in mount):
            yield f"{title(each.owner)} mounts {volume['name']} to write to"
