"""Looking into Kubernetes objects: pods, selectors, ports, quantities, references."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

type Object = dict[str, Any]

UNITS = {"m": Decimal("0.001"), "": Decimal(1), "k": Decimal(1000), "M": Decimal(10**6)}
UNITS |= {f"{letter}i": Decimal(1024**n) for n, letter in enumerate("KMGT", start=1)}
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
NODES = 1000  # of the biggest cluster, each with a pod of a DaemonSet


@dataclass(frozen=True)
class Pod:
    """The pods of one workload."""

    owner: Object
    labels: dict[str, str]
    spec: Object

    @property
    def name(self) -> str:
        return self.labels.get("app.kubernetes.io/component", "")

    @property
    def namespace(self) -> str:
        return self.owner["metadata"]["namespace"]

    @property
    def containers(self) -> list[Object]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def replicas(self) -> int:
        each = NODES if self.owner["kind"] == "DaemonSet" else 1
        return self.owner["spec"].get("replicas", each)


def title(item: Object) -> str:
    return f"{item['kind']}/{item['metadata']['name']}"


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [item for item in objects if item["kind"] in kinds]


def parts(objects: list[Object]) -> list[list[Object]]:
    """Return each namespace with all that is in it; what is in none of them is with the first."""
    made = {item["metadata"]["name"]: [item] for item in of_kind(objects, "Namespace")}
    first = next(iter(made.values()))
    for item in objects:
        if item["kind"] != "Namespace":
            made.get(item["metadata"].get("namespace", ""), first).append(item)
    return list(made.values())


def one(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = [i for i in of_kind(objects, kind) if i["metadata"]["name"].startswith(name)]
    return found


def pods(objects: list[Object]) -> list[Pod]:
    found = []
    for item in of_kind(objects, *WORKLOADS):
        spec = item["spec"]
        template = (spec["jobTemplate"]["spec"] if item["kind"] == "CronJob" else spec)["template"]
        found.append(Pod(item, template["metadata"]["labels"], template["spec"]))
    return found


def pod(objects: list[Object], name: str) -> Pod:
    (found,) = [each for each in pods(objects) if each.name == name]
    return found


def matches(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a label selector, with labels and expressions, selects these labels."""
    wanted = selector.get("matchLabels", {})
    if not wanted.items() <= labels.items():
        return False
    for expression in selector.get("matchExpressions", []):
        if expression["operator"] != "In":
            raise KeyError(expression["operator"])
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def amount(quantity: str) -> Decimal:
    """Return a quantity as a number; raise KeyError or ArithmeticError for what is none."""
    digits = quantity.rstrip("mkKMGTi")
    return Decimal(digits) * UNITS[quantity.removeprefix(digits)]


def port_names(each: Pod) -> dict[str, int]:
    return {
        port["name"]: port["containerPort"]
        for container in each.containers
        for port in container.get("ports", [])
    }


def references(each: Pod) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of everything a pod needs to start."""
    for secret in each.spec.get("imagePullSecrets", []):
        yield "Secret", secret["name"]
    for volume in each.spec.get("volumes", []):
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            yield from _volume_references(source)
    for container in each.containers:
        for source in container.get("envFrom", []):
            yield "ConfigMap", source["configMapRef"]["name"]


def _volume_references(source: Object) -> Iterator[tuple[str, str]]:
    if "configMap" in source:
        yield "ConfigMap", source["configMap"]["name"]
    if "secret" in source:
        yield "Secret", source["secret"].get("secretName") or source["secret"]["name"]
    if "persistentVolumeClaim" in source:
        yield "PersistentVolumeClaim", source["persistentVolumeClaim"]["claimName"]


def environment(container: Object, objects: list[Object]) -> dict[str, str]:
    """Return a container's environment, with what its ConfigMaps bring."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= one(objects, "ConfigMap", source["configMapRef"]["name"])["data"]
    return found | {each["name"]: each.get("value", "") for each in container.get("env", [])}


def files(each: Pod, container: Object, objects: list[Object]) -> set[str]:
    """Return the path of every file that a container finds in ConfigMaps and Secrets."""
    volumes = {volume["name"]: volume for volume in each.spec.get("volumes", [])}
    found = set()
    for mount in container["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            found |= {f"{mount['mountPath']}/{name}" for name in _names(source, objects)}
    return found


def _names(source: Object, objects: list[Object]) -> list[str]:
    for kind, name in _volume_references(source):
        held = source.get("configMap") or source.get("secret") or {}
        if "items" in held:
            return [item["path"] for item in held["items"]]
        if kind != "PersistentVolumeClaim":
            item = one(objects, kind, name)
            return [*item.get("data", {}), *item.get("stringData", {})]
    return []


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in an object, whole parts and single values alike."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from leaves(each, (*path, n))
