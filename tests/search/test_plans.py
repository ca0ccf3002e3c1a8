"""A search's rows are looked up by their ids: what else there is in the room costs nothing."""

import logging

import pytest

from service.access.visible import EVERYONE, Member
from service.accounts.accounts import Account
from service.data import db
from service.data.tables import BOARD
from service.messages import messages, writing
from service.reactions import reactions
from service.search import marked, query
from tests.people import ON_SQLITE


@ON_SQLITE
@pytest.mark.parametrize("before", [None, 100])
def test_no_index_of_the_room_is_walked_through(
    account: Account, caplog: pytest.LogCaptureFixture, before: int | None
) -> None:
    for _ in range(messages.PAGE_SIZE + 1):
        writing.post(account.id, "A rare word")
    with caplog.at_level(logging.DEBUG, "peewee"):
        found = messages.newest(EVERYONE, before, query.parse("rare", "UTC"))
    assert len(found.messages) == messages.PAGE_SIZE
    # The ones before are of the number where a page goes on, and of the ids; reactions come after.
    *_, (statement, values) = [
        record.msg
        for record in caplog.records
        if "username" in record.msg[0] and 'FROM "messages"' in record.msg[0]
    ]
    with db.read():
        plan = db.database.execute_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert not [step for *_, step in plan if "message_room_id_number" in step]
    assert any("t1 USING INTEGER PRIMARY KEY" in step for *_, step in plan)


@ON_SQLITE
def test_reactions_are_looked_for_before_a_row_is_read(
    account: Account, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "FEW", 0)  # else all that have any are looked at
    reactions.add(Member(account.id), writing.post(account.id, "Lunch").id, "👍", BOARD)
    with caplog.at_level(logging.DEBUG, "peewee"):
        assert messages.newest(EVERYONE, None, query.parse("has:reaction lunch", "UTC")).messages
    ((statement, values),) = [
        record.msg for record in caplog.records if "MATCH :match" in record.msg[0]
    ]
    with db.read():
        plan = db.database.execute_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    assert any("reactions" in step and "FOR IN-OPERATOR" in step for *_, step in plan)
