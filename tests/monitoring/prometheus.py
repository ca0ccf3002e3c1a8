"""A Prometheus of a test's own, which asks one board each second."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from infra.monitoring.queries import JOB
from infra.monitoring.rules import rule_file
from tests.monitoring.programs import find
from tests.servers import free_port, within

EVERY = 1  # second
START = 30  # seconds at most
OVER = "5s"  # what Grafana would put in for $__rate_interval: four scrapes and one more


class Prometheus:
    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def get(self, path: str, **given: str) -> Any:
        """Return what its API answers."""
        answer = self._client.get(f"/api/v1/{path}", params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Return the series that a query has now."""
        return self.get("query", query=query)["result"]

    def over(self, query: str, start: float, end: float) -> list[dict[str, Any]]:
        """Return the series that a query has between two moments, in Unix time."""
        given = {"query": query, "start": str(start), "end": str(end), "step": str(EVERY)}
        return self.get("query_range", **given)["result"]


@contextmanager
def watching(folder: Path, metrics_port: int) -> Generator[Prometheus]:
    """Run one with the rules, on a free port and in a folder, that asks a board on this machine."""
    (folder / "rules.yml").write_text(rule_file())
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_configuration(metrics_port)))
    port = free_port()
    command = [
        find("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            prometheus = Prometheus(client)
            within(START, prometheus.ready)
            yield prometheus
    finally:
        process.kill()
        process.wait()


def _configuration(metrics_port: int) -> dict[str, Any]:
    target = {"targets": [f"127.0.0.1:{metrics_port}"]}
    return {
        "global": {"scrape_interval": f"{EVERY}s", "evaluation_interval": f"{EVERY}s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": JOB, "static_configs": [target]}],
    }


def asked(expression: str) -> str:
    """Return a query of the dashboard's with what Grafana would put in."""
    for name, value in {"$job": JOB, "$namespace": ".*", "$instance": ".*"}.items():
        expression = expression.replace(name, value)
    return expression.replace("$__rate_interval", OVER)
