"""What is asked at the same time is done in one go, and nobody answers for somebody else."""

import asyncio
import dataclasses
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from service.access import sessions
from service.access.visible import Member
from service.base import together
from service.base.errors import Unavailable
from service.base.together import Together
from service.data import db
from service.data.tables import Event, EventCounter, Message, User
from service.messages import posts, writing
from tests.people import ON_POSTGRESQL, add_person

DEADLINE = 20  # seconds
pytestmark = pytest.mark.anyio


class Work:
    """Doubles numbers once it is let; tells which it did together."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.free = threading.Event()
        self.together = Together(self.double)

    def double(self, numbers: list[int]) -> list[int]:
        assert self.free.wait(DEADLINE)
        self.done.append(numbers)
        if 13 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]

    async def ask(self, *numbers: int) -> list[asyncio.Task[int]]:
        asked = [asyncio.create_task(self.together.ask(number)) for number in numbers]
        await asyncio.sleep(0)  # they ask
        await asyncio.sleep(0)  # the first one's work begins
        return asked


async def test_what_waits_goes_together_and_in_order() -> None:
    work = Work()
    asked = [*await work.ask(1), *await work.ask(2, 3, 4)]
    work.free.set()
    assert await asyncio.gather(*asked) == [2, 4, 6, 8]
    assert work.done == [[1], [2, 3, 4]]
    assert await work.together.ask(5) == 10


async def test_a_failure_is_told_to_those_it_befell() -> None:
    work = Work()
    asked = [*await work.ask(1), *await work.ask(12, 13)]
    work.free.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert outcomes[0] == 2
    assert [type(each) for each in outcomes[1:]] == [ZeroDivisionError] * 2
    assert await work.together.ask(5) == 10


async def test_work_is_not_done_for_who_left_or_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Work()
    begun, left, waits = [*await work.ask(1), *await work.ask(2, 3)]
    left.cancel()
    monkeypatch.setattr(together, "PATIENCE", 0)
    (late,) = await work.ask(4)
    with pytest.raises(Unavailable):
        await late
    monkeypatch.setattr(together, "LINE", 1)
    with pytest.raises(Unavailable):
        await work.together.ask(5)
    work.free.set()
    assert await asyncio.gather(begun, waits) == [2, 6]
    assert work.done == [[1], [3]]


# Posts.


def draft(author: int, text: str, key: str = "", session: str | None = None) -> posts.Post:
    return writing.draft(Member(author, session), text, key)


def numbers_and_texts() -> list[tuple[int, str]]:
    """Return what is stored, by id, and see that its events have the same numbers."""
    with db.read():
        rows = [(row.seq, row.text) for row in Message.select().order_by(Message.id)]
        log = [(event.seq, event.message_id) for event in Event.select().order_by(Event.seq)]
        assert log == [(row.seq, row.id) for row in Message.select().order_by(Message.seq)]
        assert EventCounter.get().seq == len(log)
    return rows


def test_posts_go_together_without_those_that_may_not_be_written(database: None) -> None:
    alice, bob = add_person("alice").id, add_person("bob")
    start = partial(sessions.start, bob.id, bob.password_hash, "UTC", "x")
    session, ended = start().session_id, start().session_id
    sessions.end(bob.id, ended)
    expired = start(lifetime=dt.timedelta(0)).session_id
    writing.post(alice, "Before", "a-key")
    given = [
        draft(alice, "One"),
        draft(alice, "Before", "a-key"),
        draft(bob.id, "Two", "a-key", session),
        draft(bob.id, "Too late", session=ended),
        draft(bob.id, "Too late too", session=expired),
        draft(9999, "By nobody"),
        draft(alice, "Three"),
    ]
    written = posts.write_together(given)
    assert [each and (each.author, each.number) for each in written] == [
        *(("alice", 2), None, ("bob", 3)),
        *(None, None, None, ("alice", 4)),
    ]
    assert numbers_and_texts() == [(1, "Before"), (2, "One"), (3, "Two"), (4, "Three")]
    assert posts.write_together(given[1:2]) == [None]


def test_a_post_that_comes_twice_in_one_batch_is_written_alone(database: None) -> None:
    alice = add_person("alice").id
    same = draft(alice, "Twice", "a-key")
    written = posts.write_together([draft(alice, "Once"), same, dataclasses.replace(same)])
    alone = [writing.write(Member(alice), same) for each in written if each is None]
    assert {each.text for each in alone} == {"Twice"}
    assert [text for _, text in numbers_and_texts()].count("Twice") == 1


@ON_POSTGRESQL  # on SQLite one writes at a time
def test_who_would_have_to_wait_for_somebody_keeps_nobody_waiting(database: None) -> None:
    alice, bob = add_person("alice").id, add_person("bob").id
    for others in (["Lunch?"], ["Coffee?", "Tea?"], []):
        given = [draft(bob, "Wait for me"), *(draft(alice, text) for text in others)]
        with ThreadPoolExecutor() as pool, db.write():
            assert db.locked(User.select().where(User.id == bob)).exists()
            written = pool.submit(posts.write_together, given).result(DEADLINE)
        assert [bool(each) for each in written] == [False, *(True for _ in others)]
    assert [text for _, text in numbers_and_texts()] == ["Lunch?", "Coffee?", "Tea?"]
