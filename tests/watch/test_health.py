"""Health: alive as long as it runs, ready only when it can serve."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.base import parts
from service.base.drain import Drain
from service.data import db
from tests.people import Person, no_database


@pytest.fixture
def unready(visitor: Person) -> Callable[[str], None]:
    """Return a check that the board is alive and, for a reason, not ready."""

    def check(reason: str) -> None:
        answer = visitor.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, reason)
        assert visitor.get("/healthz").status_code == 200

    return check


def test_a_healthy_board_is_alive_and_ready(visitor: Person) -> None:
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


def test_a_board_without_its_database_is_not_ready(unready: Callable[[str], None]) -> None:
    with no_database():
        unready("database")


def test_a_board_with_an_older_schema_is_not_ready(unready: Callable[[str], None]) -> None:
    with db.write():
        db.database.execute_sql("DELETE FROM schema_migration")
    unready("schema")


def test_an_empty_database_is_an_older_schema(unready: Callable[[str], None]) -> None:
    with db.write():
        db.database.execute_sql("DROP TABLE schema_migration")
        db.database.execute_sql("DROP TABLE schema_floor")
    unready("schema")


def test_a_board_that_the_schema_has_left_behind_is_not_ready(
    unready: Callable[[str], None],
) -> None:
    with db.write():
        db.database.execute_sql("UPDATE schema_floor SET step = 999")
    unready("database")


def test_a_board_that_drains_is_not_ready(
    unready: Callable[[str], None], app_client: TestClient
) -> None:
    parts.of({"state": app_client.app_state}, Drain).begun = True
    unready("draining")
