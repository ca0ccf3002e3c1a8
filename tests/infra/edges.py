"""Who may talk to whom, as a network that enforces the policies would have it."""

from tests.infra.objects import Object, matches, of_kind, pods

WORLD = "world"
CLUSTER = {"cnpg.io/cluster": "postgres"}  # what CloudNativePG calls its pods
type Edge = tuple[str, str, int]


def edges(objects: list[Object]) -> set[Edge]:
    """Return from whom to whom, and at which port; `world` is whoever is outside."""
    people = {each.name: each.labels for each in pods(objects)}
    if of_kind(objects, "Cluster"):
        people["postgres"] = CLUSTER
    found = set()
    for name, labels in people.items():
        for rule in rules(objects, labels, "ingress"):
            found |= {
                (source, name, port["port"])
                for port in rule["ports"]
                for source in peers(rule.get("from"), people)
                if source == WORLD or allows(objects, people[source], labels, port["port"])
            }
        for rule in rules(objects, labels, "egress"):
            if WORLD in peers(rule.get("to"), people):
                found |= {(name, WORLD, port["port"]) for port in rule["ports"]}
    return found


def rules(objects: list[Object], labels: dict[str, str], way: str) -> list[Object]:
    return [
        rule
        for policy in of_kind(objects, "NetworkPolicy")
        if matches(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get(way, [])
    ]


def allows(
    objects: list[Object], source: dict[str, str], target: dict[str, str], port: int
) -> bool:
    """Whether a pod may go out to another one; whether it is let in is the other's matter."""
    return any(
        port in [each["port"] for each in rule["ports"]]
        and ("to" not in rule or any(is_peer(peer, target) for peer in rule["to"]))
        for rule in rules(objects, source, "egress")
    )


def peers(rule: list[Object] | None, people: dict[str, dict[str, str]]) -> set[str]:
    if rule is None:
        return {WORLD}
    found = {name for name, labels in people.items() if any(is_peer(p, labels) for p in rule)}
    outside = any("ipBlock" in peer or "namespaceSelector" in peer for peer in rule)
    return found | ({WORLD} if outside else set())


def is_peer(peer: Object, labels: dict[str, str]) -> bool:
    return (
        "podSelector" in peer
        and "namespaceSelector" not in peer
        and matches(peer["podSelector"], labels)
    )


def unprotected(objects: list[Object]) -> list[str]:
    """Return the pods that a policy does not deny everything to, both ways."""
    return [
        each.name
        for each in pods(objects)
        if not any(
            matches(policy["spec"]["podSelector"], each.labels)
            and policy["spec"].get("policyTypes") == ["Ingress", "Egress"]
            for policy in of_kind(objects, "NetworkPolicy")
        )
    ]
