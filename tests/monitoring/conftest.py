"""One board for all tests of this folder, used a little and watched meanwhile."""

from collections.abc import Generator

import pytest

from tests.monitoring import programs
from tests.monitoring.load import Watched, watched

USED = 6  # seconds


@pytest.fixture(scope="package")
def used(tmp_path_factory: pytest.TempPathFactory) -> Generator[Watched]:
    for program in ("prometheus", "redis-server"):
        programs.find(program)
    with watched(tmp_path_factory.mktemp("watched")) as found:
        found.use(USED)
        yield found
