"""What has to be true of every pod: hardened, bounded, probed, mounted, known to the program."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import click
from fastapi.routing import APIRoute

from service import cli
from service.base import config, lifetime
from service.base.setting import ConfigError
from service.watch import health
from tests.infra.objects import Object, Pod, amount, environment, files, pods, port_names, title

POSTGRES_READS = {"POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"}  # its image's entry point
NGINX_HEALTH = "/nginx-healthz"
IMAGE = re.compile(r"[^\s@]+:[^:/\s@]+(@sha256:[0-9a-f]{64})?")
USERS = {"web": 10001, "migrate": 10001, "backup": 10001, "get-backups": 10001}
USERS |= {"nginx": 101, "postgres": 999, "login": 999}
TASKS = {"migrate", "backup", "get-backups", "login"}


def security(objects: list[Object]) -> Iterator[str]:
    """Pod Security 'restricted', and what goes beyond it."""
    for each in pods(objects):
        who, spec, context = title(each.owner), each.spec, each.spec.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or context.get("runAsUser") != USERS[each.name]:
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
            if not set(volume) - {"name"} <= allowed:
                yield f"{who} has a volume of another kind: {volume}"
        yield from _containers_security(who, each)


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


def resources(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        for container in each.containers:
            asked, most = container["resources"]["requests"], container["resources"]["limits"]
            for name in ("cpu", "memory"):
                if not 0 < amount(asked[name]) <= amount(most[name]):
                    yield f"{title(each.owner)} asks for more {name} than it may have"
        for volume in each.spec.get("volumes", []):
            if "emptyDir" in volume and amount(volume["emptyDir"]["sizeLimit"]) <= 0:
                yield f"{title(each.owner)} has an unbounded {volume['name']}"


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


def probes(objects: list[Object]) -> Iterator[str]:
    """Every server has the three probes, each asking for something that is there."""
    paths = {
        "web": {
            "startupProbe": "/healthz",
            "livenessProbe": "/healthz",  # never the database: its loss must restart nobody
            "readinessProbe": "/readyz",
        },
        "nginx": dict.fromkeys(("startupProbe", "livenessProbe", "readinessProbe"), NGINX_HEALTH),
    }
    routes = {route.path for route in health.router.routes if isinstance(route, APIRoute)}
    assert {"/healthz", "/readyz"} <= routes
    for each in pods(objects):
        for name, path in paths.get(each.name, {}).items():
            asked = each.spec["containers"][0][name]["httpGet"]
            if asked["path"] != path or asked["port"] not in port_names(each):
                yield f"{title(each.owner)}: {name} asks for {asked}"
        if each.name == "postgres":
            yield from _postgres_probes(each)
        if each.name not in TASKS:
            yield from _patience(each)


def _postgres_probes(each: Pod) -> Iterator[str]:
    asked = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", "5432"]
    alive = ["sh", "-c", f"{' '.join(asked)}; test $? -le 1"]
    wanted = {"startupProbe": alive, "livenessProbe": alive, "readinessProbe": asked}
    for name, right in wanted.items():
        command = each.spec["containers"][0][name]["exec"]["command"]
        if command != right:
            yield f"{title(each.owner)}: {name} asks {command}"


def _patience(each: Pod) -> Iterator[str]:
    container = each.spec["containers"][0]
    # A recovery takes as long as it must.
    start = (3600, 86_400) if each.name == "postgres" else (30, 600)
    for name, shortest, longest in (
        ("startupProbe", *start),  # seconds until it is given up
        ("livenessProbe", 20, 120),
        ("readinessProbe", 5, 20),
    ):
        probe = container[name]
        given_up = probe["periodSeconds"] * probe["failureThreshold"]
        if not shortest <= given_up <= longest or probe["timeoutSeconds"] < 1:
            yield f"{title(each.owner)}: {name} gives up after {given_up} s"


def endings(objects: list[Object]) -> Iterator[str]:
    """A pod is first no longer sent anybody, then drains, and is killed only after that."""
    drain = {"web": lifetime.LAST_RESORT, "nginx": 20, "postgres": 30}
    for each in pods(objects):
        if each.name not in drain:
            continue
        pause = 0
        if each.name != "postgres":  # which nobody is sent to by turns
            pause = each.spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            if not 3 <= pause <= 15:
                yield f"{title(each.owner)} is stopped while it is still sent requests"
        if each.spec["terminationGracePeriodSeconds"] <= pause + drain[each.name]:
            yield f"{title(each.owner)} is killed before it has drained"


def board(objects: list[Object]) -> Iterator[str]:
    """Every pod of the board runs a command there is, with settings that the board reads."""
    known = {each.name for each in config.SETTINGS}
    for each in pods(objects):
        if each.name in {"nginx", "postgres", "login"}:
            continue
        container = each.spec["containers"][0]
        if not is_command(container["args"]) or "command" in container:
            yield f"{title(each.owner)} runs {container['args']}"
        environ = environment(container, objects)
        there = files(each, container, objects)
        for name, value in environ.items():
            setting = name.removesuffix("_FILE")
            if setting not in {*known, "TMPDIR"}:
                yield f"{title(each.owner)} sets {name}, which the board does not read"
            if name.endswith("_FILE") and value not in there:
                yield f"{title(each.owner)} names {value}, which is not mounted"
            if not name.endswith("_FILE") and setting in {"SECRET_KEY", "DATABASE_URL"}:
                yield f"{title(each.owner)} has a secret in its environment"
        if each.name == "web":
            yield from _web(each, environ)


def is_command(words: list[str]) -> bool:
    """Whether the board has this command and takes these arguments."""
    command = cli.main.commands.get(words[0])
    try:
        return command is not None and bool(command.make_context(words[0], words[1:]))
    except click.UsageError:
        return False


def _web(each: Pod, environ: dict[str, Any]) -> Iterator[str]:
    readable = {**environ, "SECRET_KEY": "k" * 64, "DATABASE_URL": "postgresql://board@db/board"}
    for name in ("SECRET_KEY_FILE", "DATABASE_URL_FILE"):
        if readable.pop(name, None) is None:
            yield f"{title(each.owner)} has no {name}"
    try:
        settings = config.read_settings(readable)
    except ConfigError as failure:
        yield from failure.faults
        return
    if settings.port != port_names(each)["http"] or settings.host != "0.0.0.0":
        yield f"{title(each.owner)} listens elsewhere than its port"
    if settings.log_format != "json":
        yield f"{title(each.owner)} writes logs for people"


def postgres(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        if each.name != "postgres":
            continue
        container = each.spec["containers"][0]
        environ = environment(container, objects)
        if set(environ) != POSTGRES_READS:
            yield f"PostgreSQL's environment is {sorted(environ)}"
        if environ.get("POSTGRES_PASSWORD_FILE") not in files(each, container, objects):
            yield "PostgreSQL's password is not mounted"
        # The official image from 18 on refuses any other place.
        data = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
        if data.get("/var/lib/postgresql") != "data":
            yield "PostgreSQL's data is not on its volume"


def tasks(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        if each.name not in TASKS:
            continue
        spec = each.owner["spec"]
        job = spec["jobTemplate"]["spec"] if each.owner["kind"] == "CronJob" else spec
        if not 60 <= job["activeDeadlineSeconds"] <= 7200:
            yield f"{title(each.owner)} goes on for ever, or gives up at once"
        yield from _retries(each, job)
        if each.spec["restartPolicy"] == "Always":
            yield f"{title(each.owner)} can't end"
        if "schedule" in spec and len(spec["schedule"].split()) != 5:
            yield f"{title(each.owner)} is due {spec['schedule']!r}"


def _retries(each: Pod, job: Object) -> Iterator[str]:
    """Who waits for a migration is told at once why it failed; the others may try again."""
    if each.name != "migrate":
        if not 1 <= job["backoffLimit"] <= 6:
            yield f"{title(each.owner)} is not tried again"
        return
    ignored = [r["onPodConditions"] for r in job["podFailurePolicy"]["rules"]]
    if job["backoffLimit"] or ignored != [[{"type": "DisruptionTarget", "status": "True"}]]:
        yield f"{title(each.owner)} is tried again, or not after its node has gone"


CHECKS: dict[str, Callable[[list[Object]], Iterator[str]]] = {
    "security": security,
    "images": images,
    "last_words": last_words,
    "resources": resources,
    "mounts": mounts,
    "probes": probes,
    "endings": endings,
    "board": board,
    "postgres": postgres,
    "tasks": tasks,
}
