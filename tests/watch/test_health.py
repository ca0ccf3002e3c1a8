"""Health: alive as long as it runs, ready only when it can serve."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.base import parts
from service.data import db
from service.live.hub import Hub
from tests.people import Person, no_database


@pytest.fixture
def unready(visitor: Person) -> Callable[[str], None]:
    """Return a check that the board is alive and, for a reason, not ready."""

    def check(reason: str) -> None:
        answer = visitor.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, reason)
        assert visitor.get("/healthz").status_code == 200

    return check


def test_it_works(visitor: Person) -> None:
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


def test_without_its_database_it_is_not_ready(unready: Callable[[str], None]) -> None:
    with no_database():
        unready("database")


def test_with_an_older_schema_it_is_not_ready(unready: Callable[[str], None]) -> None:
    with db.write():
        db.database.execute_sql("DELETE FROM schema_migration")
    unready("schema")


def test_an_empty_database_is_an_older_schema(unready: Callable[[str], None]) -> None:
    with db.write():
        db.database.execute_sql("DROP TABLE schema_migration")
        db.database.execute_sql("DROP TABLE schema_floor")
    unready("schema")


def test_with_a_schema_that_left_it_behind_it_is_not_ready(
    unready: Callable[[str], None],
) -> None:
    with db.write():
        db.database.execute_sql("UPDATE schema_floor SET step = 999")
    unready("database")


def test_while_draining_it_is_not_ready(
    unready: Callable[[str], None], app_client: TestClient
) -> None:
    hub = parts.of({"state": app_client.app_state}, Hub)
    hub.draining = True
    unready("draining")
