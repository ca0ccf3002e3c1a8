"""A cluster's objects as recorded, without what nobody reads here."""

from typing import Any

Object = dict[str, Any]
READY = [{"type": "Ready", "status": "True"}]


def owned(kind: str, by: str, name: str, **more: Any) -> Object:
    """Return the metadata of an object that another one has made."""
    return {
        "name": name,
        "uid": f"uid-{name}",
        "ownerReferences": [{"kind": kind, "name": by}],
    } | more


def pod(name: str, by: tuple[str, str], status: Object, **more: Any) -> Object:
    """Return a pod of web's or nginx's kind."""
    component = name.partition("-")[0]
    labels = {"app.kubernetes.io/component": component, **more.pop("labels", {})}
    port = {"name": "http", "containerPort": 8000}
    spec = {"nodeName": "n1", "containers": [{"name": component, "ports": [port]}]}
    metadata = owned(*by, name, labels=labels) | more.pop("metadata", {})
    return {"metadata": metadata, "spec": spec | more, "status": status}


def container(name: str, image: str = "board:1", **state: Any) -> Object:
    """Return a container's status: `waiting`, `running` or `terminated`, and what was before."""
    return {
        "name": name,
        "image": image,
        "ready": False,
        "restartCount": state.pop("restarts", 0),
        "lastState": {"terminated": state.pop("before")} if "before" in state else {},
        "state": state,
    }


def replicaset(name: str, revision: int, deployment: str = "web") -> Object:
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    return {"metadata": owned("Deployment", deployment, name, annotations=annotations)}


def event(kind: str, name: str, reason: str, message: str, at: int = 1) -> Object:
    return {
        "metadata": {"uid": f"{kind}-{name}-{reason}"},
        "involvedObject": {"kind": kind, "name": name},
        "reason": reason,
        "message": message,
        "count": at,
        "lastTimestamp": f"2026-11-28T09:00:{at:02}Z",
    }


def served_board() -> dict[str, list[Object]]:
    """Return the objects of a board that serves."""
    ready = {"conditions": READY, "phase": "Running", "hostIP": "10.99.0.1"}
    return {
        "pods": [
            pod("web-1-a", ("ReplicaSet", "web-1"), ready),
            pod("nginx-1-a", ("ReplicaSet", "nginx-1"), ready),
        ],
        "replicasets": [replicaset("web-1", 1), replicaset("nginx-1", 1, "nginx")],
        "endpointslices": [
            {
                "metadata": {"labels": {"kubernetes.io/service-name": "nginx"}},
                "endpoints": [{"conditions": {"ready": True}}],
            }
        ],
    }
