"""Fixtures of joining."""

import pytest
from starlette.testclient import TestClient

from service.base.config import Settings
from service.joining import setup_code


@pytest.fixture
def code(app_client: TestClient, settings: Settings) -> str:
    """Return what the log of an empty board shows."""
    return setup_code.code(settings.secret_keys[0])
