"""How many pods there are, what they take, and that all of them fit."""

from collections import Counter
from collections.abc import Iterator

from tests.infra.objects import (
    Object,
    amount,
    matches,
    of_kind,
    pods,
    title,
)

ALONE = {"grafana", "valkey"}  # one pod has nothing to lose


def availability(objects: list[Object]) -> Iterator[str]:
    for item in of_kind(objects, "Deployment"):
        strategy = item["spec"]["strategy"]
        update = strategy["rollingUpdate"] if strategy["type"] == "RollingUpdate" else {}
        if update.get("maxUnavailable") != 0 or update.get("maxSurge", 0) < 1:
            yield f"{title(item)} has fewer pods than it should while it is updated"
        budgets = [
            budget
            for budget in of_kind(objects, "PodDisruptionBudget")
            if matches(budget["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"])
        ]
        several = item["metadata"]["name"] not in ALONE
        if [budget["spec"].get("maxUnavailable") for budget in budgets] != [1] * several:
            yield f"{title(item)} may lose more than one pod at once, or can't be moved at all"
    for item in of_kind(objects, "HorizontalPodAutoscaler"):
        spec = item["spec"]
        if not 2 <= spec["minReplicas"] < spec["maxReplicas"]:
            yield f"{title(item)} goes from {spec['minReplicas']} to {spec['maxReplicas']}"


def quotas(objects: list[Object]) -> Iterator[str]:
    """All pods must fit at once: in a rollout the old ones may all be ending still."""
    (quota,) = of_kind(objects, "ResourceQuota")
    needed: Counter[str] = Counter()
    most = {
        item["spec"]["scaleTargetRef"]["name"]: item["spec"]["maxReplicas"]
        for item in of_kind(objects, "HorizontalPodAutoscaler")
    }
    for each in pods(objects):
        surge = each.owner["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 0)
        count = (
            most.get(each.owner["metadata"]["name"], each.replicas) * (2 if surge else 1) + surge
        )
        needed["pods"] += count
        for container in each.containers:
            for part, kind in (("requests", "requests"), ("limits", "limits")):
                for name, quantity in container.get("resources", {}).get(part, {}).items():
                    needed[f"{kind}.{name}"] += amount(quantity) * count
    needed["persistentvolumeclaims"] = len(of_kind(objects, "PersistentVolumeClaim"))
    for name, quantity in needed.items():
        if name not in quota["spec"]["hard"] or amount(quota["spec"]["hard"][name]) < quantity:
            yield f"the quota of {name} is too small for {quantity}"


def limits(objects: list[Object]) -> Iterator[str]:
    (limit,) = of_kind(objects, "LimitRange")[0]["spec"]["limits"]
    for each in pods(objects):
        for container in each.containers:
            for name, most in limit["max"].items():
                if amount(container["resources"]["limits"][name]) > amount(most):
                    yield f"{title(each.owner)} has more {name} than a container may have"
    for name, asked in limit["defaultRequest"].items():
        if not amount(asked) <= amount(limit["default"][name]) <= amount(limit["max"][name]):
            yield f"the default of {name} contradicts itself"


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
