"""Fixtures of the doctor's tests: a board without faults, and one who looks at it."""

import pytest

from tests.patient import Examine, environ_of, findings, write_history
from tests.people import add_person


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return environ_of(database_url)


@pytest.fixture
def examine(environ: dict[str, str]) -> Examine:
    """Return a function that lists the findings, each with the name of its check."""
    return lambda **changed: findings(environ | changed)


@pytest.fixture
def history(database: None) -> None:
    write_history(add_person("alice", "admin").id)
