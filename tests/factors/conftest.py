"""Alice has a second factor."""

from collections.abc import Callable

import pytest

from service.access import audit, options
from service.data import db
from tests.factors.apps import App, set_up
from tests.people import Person


@pytest.fixture
def kit(alice: Person) -> tuple[App, list[str]]:
    """Alice's app, and her recovery codes."""
    return set_up(alice)


@pytest.fixture
def app(kit: tuple[App, list[str]]) -> App:
    return kit[0]


@pytest.fixture
def codes(kit: tuple[App, list[str]]) -> list[str]:
    return kit[1]


@pytest.fixture
def oblige(database: None) -> Callable[[str], None]:
    """Return a function that makes a second factor a duty, where no process sees it at once."""

    def oblige(whom: str) -> None:
        with db.write():
            options.set(audit.OPERATOR, "second_factor", whom)

    return oblige
