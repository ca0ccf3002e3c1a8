"""Whether the board serves: asked of its pods and of nginx's Service, through the API server."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from infra.commands.belongings import Seen, makers, pods
from infra.commands.cluster import Cluster, NoAnswer, Object

TRIES = 5
PAUSE = 2  # seconds
BOARD = ("Deployment", "web")
SERVICE = "kubernetes.io/service-name"
UNASKED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def doubts(
    cluster: Cluster,
    namespace: str,
    tell: Callable[[str], Any],
    wait: Callable[[float], Any] = time.sleep,
) -> list[str]:
    """Return a sentence for each thing that does not serve; tell what could not be asked."""
    found, unasked = _once(cluster, namespace)
    for _ in range(TRIES):
        if not found:
            break
        wait(PAUSE)
        found, unasked = _once(cluster, namespace)
    for why in sorted(unasked):
        tell(f"It could not be asked whether the board serves: {why}.")
    return found


def _once(cluster: Cluster, namespace: str) -> tuple[list[str], set[str]]:
    """Return what does not serve, and why something could not be asked."""
    found: list[str] = []
    unasked: set[str] = set()
    for ask in (_of_board, _of_nginx):
        try:
            found += ask(cluster, namespace)
        except NoAnswer as failure:
            unasked.add(_why(failure))
    return found, unasked


def _why(failure: NoAnswer) -> str:
    return "you may not ask that there" if failure.status in UNASKED else str(failure)


def _of_board(cluster: Cluster, namespace: str) -> list[str]:
    seen = Seen(
        pods=cluster.objects(f"api/v1/namespaces/{namespace}/pods"),
        replicasets=cluster.objects(f"apis/apps/v1/namespaces/{namespace}/replicasets"),
    )
    newest = pods(seen, makers(seen, {BOARD}))
    if not newest:
        return ["No pod of the board is there."]
    answers = [_of_pod(cluster, namespace, pod) for pod in newest]
    return [answer for answer in answers if answer]


def _of_pod(cluster: Cluster, namespace: str, pod: Object) -> str:
    name = pod["metadata"]["name"]
    ports = [port for each in pod["spec"]["containers"] for port in each.get("ports", [])]
    (port,) = [port["containerPort"] for port in ports if port.get("name") == "http"]
    try:
        cluster.through(namespace, name, port, "readyz")
    except NoAnswer as failure:
        if failure.status in UNASKED:
            raise
        if _is_the_servers(failure):
            # Often a network's rule: then the node's own question, which goes on, is the answer.
            return "" if _is_ready(pod) else f"Pod {name} is not ready."
        return f"Pod {name} does not serve: /readyz answers {failure.status}, {_said(failure)}."
    return ""


def _is_the_servers(failure: NoAnswer) -> bool:
    """Whether the API server itself says it, and no pod."""
    try:
        return json.loads(failure.body).get("kind") == "Status"
    except (ValueError, AttributeError):
        return not failure.status


def _said(failure: NoAnswer) -> str:
    try:
        answer = json.loads(failure.body)
        return str(answer.get("detail") or answer.get("status") or failure)
    except (ValueError, AttributeError):
        return str(failure)


def _is_ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _of_nginx(cluster: Cluster, namespace: str) -> list[str]:
    slices = cluster.objects(
        f"apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
    )
    ready = [
        endpoint
        for one in slices
        if one["metadata"].get("labels", {}).get(SERVICE) == "nginx"
        for endpoint in one.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready")
    ]
    return [] if ready else ["No pod of nginx is ready, so nobody can reach the board."]
