"""Fixtures of joining."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.base.config import Settings
from service.joining import setup_code
from service.mail.outbox import Outbox


@pytest.fixture
def code(app_client: TestClient, settings: Settings) -> str:
    """Return what the log of an empty board shows."""
    return setup_code.code(settings.secret_keys[0])


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """Return what would be mailed, which nothing has looked at yet."""
    waiting: list[Callable[[], Any]] = []
    monkeypatch.setattr(Outbox, "open", True)
    monkeypatch.setattr(Outbox, "put", lambda _, write: waiting.append(write))
    return waiting
