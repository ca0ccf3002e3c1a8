"""Statements whose plan is kept: the same answers, planned once a connection."""

from service.data import db
from tests.people import ON_POSTGRESQL

STATEMENT = "SELECT name FROM rooms WHERE id = $1 AND slug = $2 AND id + 0 = $1"
KEPT = "SELECT statement FROM pg_prepared_statements"


def name_of(room: int, slug: str) -> list[tuple[str]]:
    return db.planned(STATEMENT, room, slug).fetchall()


def test_its_values_are_put_where_their_numbers_stand(database: None) -> None:
    with db.read():
        assert name_of(1, "board") == [("Board",)]
        assert name_of(1, "none") == name_of(2, "board") == []


@ON_POSTGRESQL
def test_a_plan_is_made_once_a_connection_and_outlives_its_transactions(database: None) -> None:
    with db.read():
        for _ in range(3):
            name_of(1, "board")
        kept = db.database.execute_sql(KEPT).fetchall()
    assert [statement for (statement,) in kept if STATEMENT in statement] == [kept[0][0]]
    with db.write():
        name_of(1, "board")
    with db.read():
        db.database.connection().close()
    with db.read():
        assert name_of(1, "board") == [("Board",)]


@ON_POSTGRESQL
def test_a_step_of_a_later_release_does_not_disturb_it(database: None) -> None:
    with db.read():
        name_of(1, "board")
    with db.write():
        db.database.execute_sql("ALTER TABLE rooms ADD COLUMN later integer")
    with db.read():
        assert name_of(1, "board") == [("Board",)]
