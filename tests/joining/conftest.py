"""Fixtures of joining."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.access import options
from service.access.audit import OPERATOR
from service.base.config import Settings
from service.data import db
from service.joining import setup_code
from service.mail.outbox import Outbox


@pytest.fixture(autouse=True)
def as_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each request know the options as a test has just written them to the database."""
    monkeypatch.setattr(options, "TRUSTED_FOR", 0.0)


@pytest.fixture
def code(app_client: TestClient, settings: Settings) -> str:
    """Return what the log of an empty board shows."""
    return setup_code.code(settings.secret_keys[0])


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """Return what would be mailed, which nothing has looked at yet."""
    waiting: list[Callable[[], Any]] = []
    monkeypatch.setattr(Outbox, "open", True)
    monkeypatch.setattr(Outbox, "put", lambda _, write, after=0.0: waiting.append(write))
    return waiting


@pytest.fixture
def decide() -> Callable[[str, str], None]:
    """Return a function that sets an option."""

    def decide(name: str, value: str) -> None:
        with db.write():
            options.set(OPERATOR, name, value)

    return decide
