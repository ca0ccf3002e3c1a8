"""Who may talk to whom, as a network that enforces the policies would have it."""

from typing import NamedTuple

from tests.infra.objects import Object, matches, of_kind, pods

WORLD = "anybody"
CLUSTER = {"cnpg.io/cluster": "postgres"}  # what CloudNativePG calls its pods
COMPONENT = "app.kubernetes.io/component"
NAMESPACE = "kubernetes.io/metadata.name"
type Edge = tuple[str, str, str]  # from whom, to whom, at which port as `8000/TCP`


class Person(NamedTuple):
    """A pod as the policies see it."""

    namespace: str
    labels: dict[str, str]


type People = dict[str, Person]


def ways_out(objects: list[Object]) -> set[Edge]:
    """Return whom each pod may talk to; whether it is let in there is another matter."""
    everybody = people(objects)
    return {
        (name, to, port)
        for name, each in everybody.items()
        for rule in rules(objects, each, "Egress")
        for to in peers(rule.get("to"), each, everybody)
        for port in ports(rule)
    }


def ways_in(objects: list[Object]) -> set[Edge]:
    """Return whom each pod lets in."""
    everybody = people(objects)
    return {
        (source, name, port)
        for name, each in everybody.items()
        for rule in rules(objects, each, "Ingress")
        for source in peers(rule.get("from"), each, everybody)
        for port in ports(rule)
    }


def people(objects: list[Object]) -> People:
    """Return our pods, and pods of other applications that resemble them."""
    ours = {each.name: Person(each.namespace, each.labels) for each in pods(objects)}
    others = {
        f"another's {name}": Person(each.namespace, {COMPONENT: name})
        for name, each in ours.items()
    }
    for cluster in of_kind(objects, "Cluster"):
        ours["postgres"] = Person(cluster["metadata"]["namespace"], CLUSTER)
    return ours | others


def rules(objects: list[Object], whose: Person, way: str) -> list[Object]:
    """Return the rules of one way that apply to a pod; without a policy it may do anything."""
    mine = [
        policy["spec"]
        for policy in of_kind(objects, "NetworkPolicy")
        if policy["metadata"]["namespace"] == whose.namespace
        and matches(policy["spec"]["podSelector"], whose.labels)
        and way in policy["spec"].get("policyTypes", [])
    ]
    if not mine:
        return [{"ports": [{"port": "any", "protocol": "any"}]}]
    return [rule for spec in mine for rule in spec.get(way.lower(), [])]


def ports(rule: Object) -> set[str]:
    if "ports" not in rule:
        return {"any/any"}
    return {f"{port.get('port', 'any')}/{port['protocol']}" for port in rule["ports"]}


def peers(rule: list[Object] | None, whose: Person, everybody: People) -> set[str]:
    """Return the names of our pods that a pod's rule means, and of whoever else it means."""
    if rule is None:
        return {WORLD}
    found = {
        name
        for name, other in everybody.items()
        if any(is_peer(peer, whose, other) for peer in rule)
    }
    ours = {each.namespace for each in everybody.values()}
    return found | {stranger(peer) for peer in rule if place(peer, whose) not in ours}


def place(peer: Object, whose: Person) -> str:
    """Return the namespace that is meant, if it is one by its name."""
    if "namespaceSelector" in peer:
        return peer["namespaceSelector"].get("matchLabels", {}).get(NAMESPACE, "")
    return whose.namespace if "podSelector" in peer else ""


def is_peer(peer: Object, whose: Person, other: Person) -> bool:
    """Whether a rule of one pod means the other one."""
    selector = peer.get("podSelector", {})
    return place(peer, whose) == other.namespace and matches(selector, other.labels)


def stranger(peer: Object) -> str:
    """Return a network, or the namespace's and the pods' labels, `*` for any."""
    if "ipBlock" in peer:
        return peer["ipBlock"]["cidr"]
    selectors = (peer.get("namespaceSelector", {}), peer.get("podSelector", {}))
    all_labels = (sorted(each.get("matchLabels", {}).items()) for each in selectors)
    named = (",".join(f"{key}={value}" for key, value in labels) for labels in all_labels)
    return " ".join(each or "*" for each in named)
