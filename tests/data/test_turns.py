"""Writers on SQLite: turns in order of arrival, one commit for those that wait together."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import httpx2
import peewee
import pytest

from service.access.visible import EVERYONE
from service.accounts.accounts import Account
from service.data import db, turns
from service.data.tables import Message, User
from service.messages import messages, writing
from tests.people import PASSWORD, add_person
from tests.servers import Server, within

DEADLINE = 20  # seconds
TEXTS = ["1", "2", "3", "4", "5"]

Work = Callable[[], object]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no slow machine commit before the last one has come."""
    monkeypatch.setattr(turns, "LONGEST", DEADLINE)


def waiting_together(*work: Work) -> list[Future[Any]]:
    """Do each in a thread, one come after another while somebody writes; also that one's result."""
    has_it, release = threading.Event(), threading.Event()

    def hold() -> None:
        with db.write():
            has_it.set()
            assert release.wait(DEADLINE)

    with ThreadPoolExecutor(len(work) + 1) as pool:
        begun: list[Future[Any]] = [pool.submit(hold)]
        assert has_it.wait(DEADLINE)
        for number, each in enumerate(work, 1):
            begun.append(pool.submit(each))
            within(DEADLINE, lambda number=number: len(db.database.obj._waiting) == number)
        release.set()
    return begun


def posts(account: Account) -> list[Work]:
    return [partial(writing.post, account.id, text) for text in TEXTS]


def stored() -> list[str]:
    return [message.text for message in reversed(messages.newest(EVERYONE).messages)]


def outcomes(results: list[Future[Any]]) -> list[str]:
    return [str(failure) if (failure := one.exception()) else "" for one in results]


def test_who_waits_is_served_in_order_of_arrival_and_shares_one_commit(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, commit = [], db.database.obj.commit
    monkeypatch.setattr(db.database.obj, "commit", lambda: commits.append(commit()))
    assert outcomes(waiting_together(*posts(account))) == [""] * 6
    assert stored() == TEXTS
    assert len(commits) == 1


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt])
def test_a_write_that_fails_undoes_no_other_of_its_turn(
    account: Account, kind: type[BaseException]
) -> None:
    def fail() -> None:
        with db.write():
            User.update(zone="Europe/Berlin").execute()
            raise kind("mine")

    first, second, *others = posts(account)
    results = waiting_together(first, fail, second, fail, *others, fail)
    assert outcomes(results) == ["", "", "mine", "", "mine", "", "", "", "mine"]
    assert stored() == TEXTS
    with db.read():
        assert User.get().zone == "UTC"


def test_a_commit_that_fails_is_told_to_all_whose_writes_it_held(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise peewee.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(db.database.obj, "commit", fail)
        assert outcomes(waiting_together(*posts(account))) == ["disk I/O error"] * 6
    assert stored() == []
    writing.post(account.id, "After all")
    assert stored() == ["After all"]


def test_what_sqlite_undid_for_one_is_undone_for_all_before(account: Account) -> None:
    def find_it_full() -> None:
        with db.write():
            db.database.execute_sql("ROLLBACK")  # as SQLite does by itself on a full disk
            raise peewee.OperationalError("database or disk is full")

    first, *others = posts(account)
    results = waiting_together(first, find_it_full, *others)
    assert outcomes(results) == ["database or disk is full"] * 3 + [""] * 4
    assert stored() == TEXTS[1:]


def test_a_turn_that_does_not_come_is_said_and_leaves_the_line(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)

    with ThreadPoolExecutor() as pool, db.write():
        late = pool.submit(writing.post, account.id, "Too late").exception(DEADLINE)
        assert isinstance(late, db.UNAVAILABLE)
        assert "for a turn to write" in str(late)
    writing.post(account.id, "In time")
    assert stored() == ["In time"]


def test_a_write_and_a_read_within_a_write_belong_to_it(account: Account) -> None:
    with db.write():
        Message.update(text="").execute()
        with db.read():
            assert User.get().zone == "UTC"
        with suppress(ZeroDivisionError), db.write():
            User.update(zone="Europe/Berlin").execute()
            raise ZeroDivisionError
        with db.write():
            User.update(zone="Asia/Tokyo").execute()
        with ThreadPoolExecutor() as pool:  # another thread sees nothing of it yet
            assert pool.submit(zone, account).result(DEADLINE) == "UTC"
    assert zone(account) == "Asia/Tokyo"


def zone(account: Account) -> str:
    with db.read():
        return User.get_by_id(account.id).zone


def test_a_write_within_a_read_does_not_close_the_reads_connection(account: Account) -> None:
    with db.read():
        writing.post(account.id, "Written")
        assert Message.select().count() == 1


def test_nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed(
    database: None, server: Server
) -> None:
    add_person("alice")
    alice = server.sign_in("alice", PASSWORD)
    acknowledged: set[str] = set()

    def post_until_it_dies(name: int) -> None:
        with httpx2.Client(base_url=server.url, cookies=alice.cookies, timeout=DEADLINE) as client:
            for number in range(10_000):
                text = f"{name}.{number}"
                try:
                    answer = client.post("/api/message", json={"message": text})
                except httpx2.TransportError:
                    return
                assert answer.status_code == 201
                acknowledged.add(text)

    with ThreadPoolExecutor(8) as pool:
        posting = [pool.submit(post_until_it_dies, name) for name in range(8)]
        within(DEADLINE, lambda: len(acknowledged) > 40)
        server.kill()
        for each in posting:
            each.result(DEADLINE)
    server.start()
    with db.read():
        texts = [row.text for row in Message.select(Message.text)]
    assert len(texts) == len(set(texts))
    assert acknowledged <= set(texts)
