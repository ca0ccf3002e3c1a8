"""A board that knows its address, and devices to use it with."""

from dataclasses import replace

import pytest

from service.base.config import Settings
from tests.passkeys.authenticator import Authenticator


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url="https://board.test")


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()
