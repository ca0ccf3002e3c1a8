"""Lists and threads are looked up by the indexes made for them, however many replies there are."""

import logging

import pytest

from service.access.visible import EVERYONE, Member
from service.accounts.accounts import Account
from service.data import db
from service.data.tables import BOARD
from service.messages import messages, writing
from service.threads import threads
from tests.people import ON_SQLITE

NEWEST = 'ORDER BY "t1"."number" DESC'


def plan(caplog: pytest.LogCaptureFixture, holds: str) -> str:
    """Return how SQLite goes about the statement that was run last and holds some words."""
    run = [each.msg for each in caplog.records if each.msg[0].startswith("SELECT")]
    statement, values = [each for each in run if holds in each[0]][-1]
    with db.read():
        steps = db.database.execute_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    return "\n".join(step for *_, step in steps)


@ON_SQLITE
def test_no_list_walks_through_what_it_does_not_show(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    me = Member(account.id)
    root = writing.post(account.id, "Lunch?").id
    for _ in range(3):
        threads.reply(me, root, writing.draft(me, "Noodles"))
    with caplog.at_level(logging.DEBUG, "peewee"):
        messages.newest(EVERYONE)
        assert "t1 USING INDEX messages_roots (room_id=?)" in plan(caplog, NEWEST)
        threads.find(me, root, BOARD)
        assert "t1 USING INDEX messages_replies (parent_id=?)" in plan(caplog, NEWEST)
        assert "t1 USING INDEX messages_replies (parent_id=?)" in plan(caplog, "GROUP BY")
    assert "TEMP B-TREE" not in plan(caplog, NEWEST)
