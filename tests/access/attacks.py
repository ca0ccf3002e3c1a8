"""Attackers: who guesses passwords, and how often."""

import httpx2
from starlette.testclient import TestClient

from service.access.throttle import PATIENCE
from tests.people import Person, log_in, new_client

HOME, ELSEWHERE = "192.0.2.1", "203.0.113.66"


def fail(person: Person, name: str, times: int = 1) -> None:
    for _ in range(times):
        assert log_in(person, name, "guess").status_code == 401


def seconds(answer: httpx2.Response) -> int:
    return int(answer.headers["retry-after"])


def attack(client: TestClient, name: str) -> None:
    """Let strangers from everywhere fail until others have to wait."""
    for number in range(PATIENCE):
        fail(new_client(client, address=f"198.51.{number}.1"), name)
