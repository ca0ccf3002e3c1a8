"""What every test has: hooks, what is watched, the application; other fixtures in `fixtures/`."""

import datetime as dt
import os
import secrets
import signal
from collections.abc import AsyncGenerator, Callable, Generator

import pytest

from service.access import ended, options, standing
from service.app import create_app
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.messages import newest
from tests import lines, once
from tests.measuring import Measured, measuring
from tests.streams import Board, running

LONGEST = {"test_image.py", "test_two_worlds.py", "test_walk.py", "test_workflows.py"}
pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.people", "tests.fixtures.servers"]

# Pulumi's gRPC would speak in between, on the standard error of whatever a test starts.
os.environ |= {"GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start two workers more than there are processors: they wait for servers a good deal."""
    return (os.process_cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the folders for the workers: what waits and what computes share the processors well."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # What takes longest comes first: nobody waits for it at the end.
        items.sort(key=lambda item: (item.path.name not in LONGEST, item.path.name))


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Generator[None]:
    with once.made():
        yield


@pytest.fixture(scope="session", autouse=True)
def stopped_visibly() -> Generator[None]:
    """Fail the test in which an application stops its own process, which would end all tests."""

    def fail(*_: object) -> None:
        raise AssertionError("something in the background failed: the log says what")

    before = signal.signal(signal.SIGTERM, fail)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def usual_umask() -> Generator[None]:
    """Let no command that ran in this process decide who may read what the next test makes."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def known_secrets() -> Generator[None]:
    """Know what is secret, for the next one."""
    with pytest.MonkeyPatch.context() as patch:
        lines.begin(patch)
        yield


@pytest.fixture(autouse=True)
def only_good_lines(known_secrets: None) -> Generator[None]:
    """Let no test end well in which a line was logged that must not be."""
    with lines.watched():
        yield


@pytest.fixture
def measured() -> Generator[Measured]:
    """Yield what is measured; asked for before the application, it sees how that begins."""
    with measuring() as measured:
        yield measured


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        secret_keys=(secrets.token_urlsafe(48),),
        database_url=database_url,
        changes_per_minute=1_000_000,  # no person types as fast as a test
    )


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that moves the clock on: `later(minutes=31)`."""
    real = clock.now

    def move(**by: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(**by))

    return move


@pytest.fixture
def believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was read a moment ago be believed, however slow the machine is."""
    for module in (ended, newest, options, standing):
        monkeypatch.setattr(module, "TRUSTED_FOR", 1000.0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def board(database: None, settings: Settings) -> AsyncGenerator[Board]:
    """Yield an application that runs in the test's own event loop."""
    db.close_database()  # the application opens its own
    async with running(create_app(settings)) as board:
        yield board
