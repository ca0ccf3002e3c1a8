"""A stand-in for a cluster's API server, on a loopback port."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from tests.infra import recorded

KUBE_SYSTEM = "/api/v1/namespaces/kube-system"


class ApiServer:
    """Answers with the objects that it holds by path; with 404 where there are none.

    What is a string is answered as it is, a number is the status of a refusal, a pair both.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, Any] = {}
        self.make_cluster("")
        self.asked: list[str] = []

    def hold(self, namespace: str, **objects: list[dict[str, Any]]) -> None:
        """Hold these objects of a namespace, by their kind's name in a path, like `pods`."""
        for kinds, items in objects.items():
            for group in ("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/discovery.k8s.io/v1"):
                self.answers[f"/{group}/namespaces/{namespace}/{kinds}"] = {"items": items}

    def answer(self, path: str) -> Any:
        """Return what is held for a path; what is held for no one cluster is in all of them."""
        in_all = path[max(path.find("/api"), 0) :]
        return self.answers.get(path, self.answers.get(in_all, 404))

    def serve_board(self, namespace: str) -> None:
        """Hold a board there that serves."""
        self.hold(namespace, **recorded.served_board())
        readyz = f"/api/v1/namespaces/{namespace}/pods/web-1-a:8000/proxy/readyz"
        self.answers[readyz] = {"status": "ready"}

    def make_cluster(self, name: str) -> None:
        """Be a cluster of its own below this path, which is told by the uid of one namespace."""
        uid = f"uid-of-{name or 'here'}"
        kept = f"/{name}/api/v1/namespaces/kube-system" if name else KUBE_SYSTEM
        self.answers[kept] = {"metadata": {"name": "kube-system", "uid": uid}}
        self.answers[f"{kept.partition('namespaces')[0]}persistentvolumes"] = {"items": []}

    def know(self, kubeconfig: Path, *contexts: str) -> None:
        """Write a kubeconfig by which every one of the contexts leads here."""
        self.know_clusters(kubeconfig, **dict.fromkeys(contexts, ""))

    def know_clusters(self, kubeconfig: Path, **clusters: str) -> None:
        """Write a kubeconfig by which these contexts lead to these clusters."""
        content = {
            "current-context": next(iter(clusters)),
            "clusters": [
                {"name": f"at-{name}", "cluster": {"server": f"{self.address}/{name}".strip("/")}}
                for name in set(clusters.values())
            ],
            "users": [{"name": "me", "user": {}}],
            "contexts": [
                {"name": name, "context": {"cluster": f"at-{cluster}", "user": "me"}}
                for name, cluster in clusters.items()
            ],
        }
        kubeconfig.write_text(yaml.safe_dump(content))


@contextmanager
def serve() -> Generator[ApiServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            api.asked.append(path)
            answer = api.answer(path)
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
            status = answer if isinstance(answer, int) else status
            body = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_DELETE(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = unquote(urlsplit(self.path).path)
            self.do_GET()
            api.answers.pop(path, None)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api = ApiServer(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield api
        server.shutdown()
