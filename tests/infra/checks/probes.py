"""How a pod starts, lives and ends: what it is asked, and how long anybody waits."""

from collections.abc import Iterator

from fastapi.routing import APIRoute

from service.base import lifetime
from service.watch import health
from tests.infra.checks.programs import TASKS
from tests.infra.objects import Object, Pod, pods, port_names, title

PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
NGINX_HEALTH = "/nginx-healthz"


def probes(objects: list[Object]) -> Iterator[str]:
    """Every server has the three probes, each asking for something that is there."""
    paths = {
        "web": {
            "startupProbe": "/healthz",
            "livenessProbe": "/healthz",  # never the database: its loss must restart nobody
            "readinessProbe": "/readyz",
        },
        "nginx": dict.fromkeys(PROBES, NGINX_HEALTH),
        "prometheus": {
            "startupProbe": "/-/ready",
            "livenessProbe": "/-/healthy",
            "readinessProbe": "/-/ready",
        },
        "grafana": dict.fromkeys(PROBES, "/api/health"),
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
        if each.name == "valkey":
            yield from _asks(each, {name: ["valkey-cli", "ping"] for name in PROBES})
        if each.name not in TASKS:
            yield from _patience(each)


def _postgres_probes(each: Pod) -> Iterator[str]:
    asked = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", "5432"]
    alive = ["sh", "-c", f"{' '.join(asked)}; test $? -le 1"]
    yield from _asks(each, {"startupProbe": alive, "livenessProbe": alive, "readinessProbe": asked})


def _asks(each: Pod, wanted: dict[str, list[str]]) -> Iterator[str]:
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
    drain = {
        "web": lifetime.LAST_RESORT,
        "nginx": 20,
        "postgres": 30,
        "prometheus": 30,
        "grafana": 5,
        "valkey": 1,
    }
    for each in pods(objects):
        if each.name not in drain:
            continue
        pause = 0
        if each.owner["kind"] != "StatefulSet":  # which nobody is sent to by turns
            pause = each.spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            if not 3 <= pause <= 15:
                yield f"{title(each.owner)} is stopped while it is still sent requests"
        if each.spec["terminationGracePeriodSeconds"] <= pause + drain[each.name]:
            yield f"{title(each.owner)} is killed before it has drained"
