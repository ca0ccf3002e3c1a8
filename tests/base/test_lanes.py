"""No kind of work holds up another: reads, writes, searches, readiness."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from service.access.visible import Reader
from service.base import lanes
from service.data import db
from service.data.tables import BOARD, Message
from service.messages import messages
from tests.people import ONE_DATABASE, PROBLEM, PROGRAM, Person, post
from tests.servers import within

DEADLINE = 20  # seconds
RUSH = 40  # more than there are threads of any kind

Ask = Callable[[], httpx2.Response]


@contextmanager
def rush(ask: Ask, free: Callable[[], None]) -> Generator[list[Future[httpx2.Response]]]:
    """Ask many times at once; at the end of the block, free what they wait for."""
    with ThreadPoolExecutor(RUSH) as pool:
        asked = [pool.submit(ask) for _ in range(RUSH)]
        try:
            yield asked
        finally:
            free()


def asks(alice: Person) -> dict[str, Ask]:
    return {
        "read": lambda: alice.get("/api/messages", headers=PROGRAM),
        "older": lambda: alice.get("/api/messages?before=9", headers=PROGRAM),
        "page": lambda: alice.get("/msgs", headers={"accept": "text/html"}),
        "search": lambda: alice.get("/api/messages", params={"q": "lunch"}, headers=PROGRAM),
        "failure": lambda: alice.get("/nowhere"),
        "readiness": lambda: alice.get("/readyz"),
        "write": lambda: alice.post("/api/message", json={"message": "Lunch?"}),
    }


def answers(alice: Person, *kinds: str) -> dict[str, int]:
    return {kind: asks(alice)[kind]().status_code for kind in kinds}


OTHERS = {"read": 200, "page": 200, "search": 200, "failure": 404, "readiness": 200}


def test_while_no_write_gets_its_turn_all_else_answers(alice: Person) -> None:
    has_it, release = threading.Event(), threading.Event()

    def hold() -> None:  # the only writer's turn, or the counter's row
        with db.write():
            db.database.execute_sql("UPDATE event_counter SET seq = seq")
            has_it.set()
            assert release.wait(DEADLINE)

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(hold)
        assert has_it.wait(DEADLINE)
        with rush(asks(alice)["write"], release.set) as writes:
            assert answers(alice, *OTHERS) == OTHERS
            assert not any(write.done() for write in writes)
        holding.result(DEADLINE)
    assert {write.result(DEADLINE).status_code for write in writes} == {201}


@pytest.mark.parametrize(
    ("stuck", "others"),
    [
        ("search", {"read": 200, "page": 200, "failure": 404, "readiness": 200, "write": 201}),
        ("older", {"search": 200, "failure": 404, "readiness": 200, "write": 201}),
    ],
)
def test_while_searches_or_reads_hang_all_else_answers(
    alice: Person, monkeypatch: pytest.MonkeyPatch, stuck: str, others: dict[str, int]
) -> None:
    """Each of them holds a connection meanwhile."""
    begun, release = [], threading.Event()
    newest = messages.newest

    def hang(
        me: Reader, before: Any = None, query: Any = None, room: int = BOARD
    ) -> messages.Listing:
        if bool(query) == (stuck == "search"):
            with db.read():
                begun.append(1)
                assert release.wait(DEADLINE)
        return newest(me, before, query, room)

    monkeypatch.setattr(messages, "newest", hang)
    with rush(asks(alice)[stuck], release.set) as asked:
        within(DEADLINE, lambda: len(begun) > 1)
        assert answers(alice, *others) == others
    assert {one.result(DEADLINE).status_code for one in asked} == {200}


@ONE_DATABASE
def test_a_thread_that_does_not_get_free_is_said(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.2)
    ids = [post(alice, "Lunch?")["id"] for _ in range(lanes.IN_LINE + 1)]
    with ThreadPoolExecutor(RUSH) as pool, db.write():
        several = [
            pool.submit(alice.post, f"/api/message/{id_}/deletion", headers=PROGRAM) for id_ in ids
        ]
        within(DEADLINE, lambda: any(one.done() for one in several))
    refused = [one.result(DEADLINE) for one in several if one.result().status_code != 200]
    assert [(one.status_code, one.headers["retry-after"]) for one in refused] == [(503, "5")]
    assert refused[0].headers["content-type"] == PROBLEM
    with db.read():
        assert Message.select().where(Message.deleted_at.is_null()).count() == 1
