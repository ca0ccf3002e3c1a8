"""That objects fit together: names, selectors, ports, and what one needs of another."""

from collections import Counter
from collections.abc import Iterator

from tests.infra import schemas
from tests.infra.objects import (
    Object,
    Pod,
    matches,
    of_kind,
    pods,
    port_names,
    references,
    title,
)
from tests.infra.scenarios import GIVEN_SECRETS

NODE_PORTS = range(30000, 32768)
ALLOWED: dict[str, set[str]] = {
    "imagePullPolicy": {"IfNotPresent", "Always"},
    "restartPolicy": {"Always", "OnFailure", "Never"},
    "concurrencyPolicy": {"Forbid"},
    "protocol": {"TCP", "UDP"},
    "accessModes": {"ReadWriteOnce"},
    "policyTypes": {"Ingress", "Egress"},
    "externalTrafficPolicy": {"Local"},
    "whenUnsatisfiable": {"ScheduleAnyway", "DoNotSchedule"},
    "pathType": {"Prefix"},
    "unhealthyPodEvictionPolicy": {"AlwaysAllow"},
    "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
    "medium": {"", "Memory"},
    "operator": {"In"},
    "timeZone": {"Etc/UTC"},
    "topologyKey": {"kubernetes.io/hostname"},
}


def enumerations(objects: list[Object]) -> Iterator[str]:
    def look(value: object, key: str, where: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name, each in value.items():
                yield from look(each, name, where)
        elif isinstance(value, list):
            for each in value:
                yield from look(each, key, where)
        elif key in ALLOWED and value not in ALLOWED[key]:
            yield f"{where}: {key} can't be {value!r}"

    for item in objects:
        yield from look(item, "", title(item))


def names(objects: list[Object]) -> Iterator[str]:
    keys = [(item["kind"], item["metadata"]["name"]) for item in objects]
    yield from (f"{key} is there twice" for key, count in Counter(keys).items() if count > 1)
    (namespace,) = of_kind(objects, "Namespace")
    for item in objects:
        inside = item["metadata"].get("namespace")
        if item is not namespace and inside != namespace["metadata"]["name"]:
            yield f"{title(item)} is in {inside}"


def isolation(objects: list[Object]) -> Iterator[str]:
    (namespace,) = of_kind(objects, "Namespace")
    # Whatever is mounted of a node needs it; what those pods may do is in `hardening`.
    level = "privileged" if of_kind(objects, "DaemonSet") else "restricted"
    for mode in ("enforce", "audit", "warn"):
        if namespace["metadata"]["labels"].get(f"pod-security.kubernetes.io/{mode}") != level:
            yield f"Pod Security is not {level} for {mode}"
    # A newer policy may warn, and refuses no pod of a board that nobody changed.
    pinned = f"v{schemas.RELEASES[-1]}"
    versions = {
        name: value
        for name, value in namespace["metadata"]["labels"].items()
        if name.endswith("-version")
    }
    if versions != {"pod-security.kubernetes.io/enforce-version": pinned}:
        yield f"Pod Security is that of {versions}"


def selectors(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        selector = each.owner["spec"].get("selector")
        if selector is not None and not matches(selector, each.labels):
            yield f"{title(each.owner)} does not select its own pods"
    for item in of_kind(objects, "Service", "PodDisruptionBudget"):
        if len(selected(item, objects)) != 1:
            yield f"{title(item)} does not select the pods of one workload"


def selected(item: Object, objects: list[Object]) -> list[Pod]:
    selector = item["spec"].get("selector") or item["spec"].get("podSelector", {})
    if item["kind"] == "Service":
        selector = {"matchLabels": selector}
    return [each for each in pods(objects) if matches(selector, each.labels)]


def services(objects: list[Object]) -> Iterator[str]:
    taken: list[int] = []
    for item in of_kind(objects, "Service"):
        for each in selected(item, objects):
            for port in item["spec"]["ports"]:
                if port["targetPort"] not in port_names(each):
                    yield f"{title(item)} goes to a port that no container names"
        ports = [port["nodePort"] for port in item["spec"]["ports"] if "nodePort" in port]
        if ports and item["spec"]["type"] != "NodePort":
            yield f"{title(item)} has node ports and is none"
        if ports and item["spec"].get("externalTrafficPolicy") != "Local":
            yield f"{title(item)} hides who asks"
        yield from (f"{title(item)}: {port}" for port in ports if port not in NODE_PORTS)
        taken += ports
    if len(set(taken)) < len(taken):
        yield "a node port is taken twice"


def existing(objects: list[Object]) -> Iterator[str]:
    there = {(item["kind"], item["metadata"]["name"]) for item in objects}
    there |= {("Secret", name) for name in GIVEN_SECRETS}
    for each in pods(objects):
        for kind, name in references(each):
            if (kind, name) not in there:
                yield f"{title(each.owner)} needs {kind}/{name}, which is not there"
    for kind, name, port in pointers(objects):
        if (kind, name) not in there:
            yield f"{kind}/{name} is pointed at and is not there"
        elif port is not None and port not in service_ports(name, objects):
            yield f"{kind}/{name} has no port {port}"


def pointers(objects: list[Object]) -> Iterator[tuple[str, str, str | int | None]]:
    """Yield kind, name and port of what objects other than pods point at."""
    for item in of_kind(objects, "StatefulSet"):
        yield "Service", item["spec"]["serviceName"], None
    for item in of_kind(objects, "HorizontalPodAutoscaler"):
        target = item["spec"]["scaleTargetRef"]
        yield target["kind"], target["name"], None
    for item in of_kind(objects, "Ingress"):
        for path in item["spec"]["rules"][0]["http"]["paths"]:
            service = path["backend"]["service"]
            yield "Service", service["name"], service["port"]["name"]
    for item in of_kind(objects, "HTTPRoute"):
        for backend in item["spec"]["rules"][0]["backendRefs"]:
            yield "Service", backend["name"], backend["port"]
    for item in of_kind(objects, "Cluster"):
        yield "Secret", item["spec"]["bootstrap"]["initdb"]["secret"]["name"], None


def service_ports(name: str, objects: list[Object]) -> set[str | int]:
    (service,) = [s for s in of_kind(objects, "Service") if s["metadata"]["name"] == name]
    ports = service["spec"]["ports"]
    return {port["name"] for port in ports} | {port["port"] for port in ports}
