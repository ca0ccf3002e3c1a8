"""Fixtures of the tests of who is asking, and of throttling."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from service.base.config import Settings
from tests.access.attacks import ELSEWHERE
from tests.access.keys import KEY
from tests.people import Person, add_person, new_client


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with a key that the tests know."""
    return replace(settings, secret_keys=(KEY,))


@pytest.fixture
def attacker(app_client: TestClient) -> Person:
    """Return somebody elsewhere, who knows that there are an Alice and a Bob."""
    add_person("alice")
    add_person("bob")
    return new_client(app_client, address=ELSEWHERE)
