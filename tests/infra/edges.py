"""Who may talk to whom, as a network that enforces the policies would have it."""

from tests.infra.objects import Object, matches, of_kind, pods

WORLD = "anybody"
CLUSTER = {"cnpg.io/cluster": "postgres"}  # what CloudNativePG calls its pods
COMPONENT = "app.kubernetes.io/component"
type Edge = tuple[str, str, str]  # from whom, to whom, at which port as `8000/TCP`
type People = dict[str, dict[str, str]]


def ways_out(objects: list[Object]) -> set[Edge]:
    """Return whom each pod may talk to; whether it is let in there is another matter."""
    everybody = people(objects)
    return {
        (name, to, port)
        for name, labels in everybody.items()
        for rule in rules(objects, labels, "Egress")
        for to in peers(rule.get("to"), everybody)
        for port in ports(rule)
    }


def ways_in(objects: list[Object]) -> set[Edge]:
    """Return whom each pod lets in."""
    everybody = people(objects)
    return {
        (source, name, port)
        for name, labels in everybody.items()
        for rule in rules(objects, labels, "Ingress")
        for source in peers(rule.get("from"), everybody)
        for port in ports(rule)
    }


def people(objects: list[Object]) -> People:
    """Return the labels of our pods, and of pods of other applications that resemble them."""
    ours = {each.name: each.labels for each in pods(objects)}
    others = {f"another's {name}": {COMPONENT: name} for name in ours}
    if of_kind(objects, "Cluster"):
        ours["postgres"] = CLUSTER
    return ours | others


def rules(objects: list[Object], labels: dict[str, str], way: str) -> list[Object]:
    """Return the rules of one way that apply to a pod; without a policy it may do anything."""
    mine = [
        policy["spec"]
        for policy in of_kind(objects, "NetworkPolicy")
        if matches(policy["spec"]["podSelector"], labels)
        and way in policy["spec"].get("policyTypes", [])
    ]
    if not mine:
        return [{"ports": [{"port": "any", "protocol": "any"}]}]
    return [rule for spec in mine for rule in spec.get(way.lower(), [])]


def ports(rule: Object) -> set[str]:
    if "ports" not in rule:
        return {"any/any"}
    return {f"{port.get('port', 'any')}/{port['protocol']}" for port in rule["ports"]}


def peers(rule: list[Object] | None, everybody: People) -> set[str]:
    """Return the names of our pods that a rule means, and of whoever else it means."""
    if rule is None:
        return {WORLD}
    found = {name for name, labels in everybody.items() if any(is_peer(p, labels) for p in rule)}
    return found | {stranger(peer) for peer in rule if not is_ours(peer)}


def is_ours(peer: Object) -> bool:
    return "podSelector" in peer and "namespaceSelector" not in peer


def is_peer(peer: Object, labels: dict[str, str]) -> bool:
    return is_ours(peer) and matches(peer["podSelector"], labels)


def stranger(peer: Object) -> str:
    """Return a network, or the namespace's and the pods' labels, `*` for any."""
    if "ipBlock" in peer:
        return peer["ipBlock"]["cidr"]
    selectors = (peer.get("namespaceSelector", {}), peer.get("podSelector", {}))
    all_labels = (sorted(each.get("matchLabels", {}).items()) for each in selectors)
    named = (",".join(f"{key}={value}" for key, value in labels) for labels in all_labels)
    return " ".join(each or "*" for each in named)
