"""Fixtures of the tests of throttling."""

import pytest
from starlette.testclient import TestClient

from tests.access.attacks import ELSEWHERE
from tests.people import Person, add_person, new_client


@pytest.fixture
def attacker(app_client: TestClient) -> Person:
    """Return somebody elsewhere, who knows that there are an Alice and a Bob."""
    add_person("alice")
    add_person("bob")
    return new_client(app_client, address=ELSEWHERE)
