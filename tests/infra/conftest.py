"""A place to run the commands in."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.infra import api_server
from tests.infra.api_server import ApiServer
from tests.infra.workplace import Workplace


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Workplace]:
    with api_server.serve() as api:
        yield Workplace(tmp_path, monkeypatch, api)


@pytest.fixture
def api(here: Workplace) -> ApiServer:
    """Stand in for the API server of the clusters that are known."""
    return here.api
