"""Where people find the board: an address that is true, or how to make one."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from infra.commands.cluster import Cluster, NoAnswer, Object

HERE = "localhost"  # what `host` is by default, and what nobody else can use
OWN_CLUSTER = "kind-"  # contexts of clusters in containers of this machine, with a port each
PORT = 8080  # on this machine, for a way that `kubectl port-forward` makes
BEST = ("ExternalDNS", "ExternalIP", "InternalIP")


@dataclass(frozen=True)
class Way:
    """What a stack is configured to have people come in by."""

    context: str
    namespace: str
    url: str  # as the program tells it, with the host that is set
    host: str
    path: str
    gateway: str
    gateway_namespace: str
    node_port: int


def where(cluster: Cluster, way: Way) -> str:
    """Return a line that says where the board is."""
    if way.gateway:
        return f"The board is at {_by_gateway(cluster, way)}"
    if way.host != HERE or way.context.startswith(OWN_CLUSTER):
        return f"The board is at {way.url}"
    node = _node(cluster, way.namespace) if way.node_port else ""
    if node:
        return f"The board is at {way.url.replace(HERE, node, 1)}"
    context = f"--context {way.context} " if way.context else ""
    return (
        f"The board is at http://{HERE}:{PORT}{way.path} while this runs:\n"
        f"kubectl {context}-n {way.namespace} port-forward service/nginx {PORT}:80"
    )


def _node(cluster: Cluster, namespace: str) -> str:
    """Return the address of a node that nginx runs on, for no other answers; "" if none is known.

    Who may not read nodes gets the address that its pod tells.
    """
    pods = _objects(cluster, f"api/v1/namespaces/{namespace}/pods")
    of_nginx = [pod for pod in pods if _component(pod) == "nginx" and "hostIP" in pod["status"]]
    if not of_nginx:
        return ""
    names = {pod["spec"].get("nodeName") for pod in of_nginx}
    nodes = _objects(cluster, "api/v1/nodes")
    found = [
        address
        for node in nodes
        if node["metadata"]["name"] in names
        for address in node["status"].get("addresses", [])
        if address["type"] in BEST
    ]
    best = min(found, key=lambda each: BEST.index(each["type"]), default=None)
    return _written(best["address"] if best else of_nginx[0]["status"]["hostIP"])


def _component(pod: Object) -> str:
    return pod["metadata"].get("labels", {}).get("app.kubernetes.io/component", "")


def _objects(cluster: Cluster, path: str) -> list[Object]:
    try:
        return cluster.objects(path)
    except NoAnswer:
        return []


def _written(address: str) -> str:
    try:
        return f"[{address}]" if isinstance(ip_address(address), IPv6Address) else address
    except ValueError:
        return address


def _by_gateway(cluster: Cluster, way: Way) -> str:
    """Return the address by the Gateway's listener for this host, with HTTPS if there is one."""
    of = way.gateway_namespace or way.namespace
    gateways = _objects(cluster, f"apis/gateway.networking.k8s.io/v1/namespaces/{of}/gateways")
    listeners = [
        listener
        for gateway in gateways
        if gateway["metadata"]["name"] == way.gateway
        for listener in gateway["spec"].get("listeners", [])
        if _serves(listener, way.host)
    ]
    for scheme, usual in (("https", 443), ("http", 80)):
        for listener in listeners:
            if listener.get("protocol") == scheme.upper():
                port = "" if listener["port"] == usual else f":{listener['port']}"
                return f"{scheme}://{way.host}{port}{way.path}"
    return way.url


def _serves(listener: dict[str, Any], host: str) -> bool:
    name = listener.get("hostname") or host
    return name == host or (name.startswith("*.") and host.endswith(name[1:]))
