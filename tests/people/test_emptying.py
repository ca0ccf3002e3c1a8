"""Texts of whoever is deleted are emptied after the answer, whatever comes between."""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import peewee
import pytest
from starlette.testclient import TestClient

from service.access.audit import OPERATOR
from service.access.visible import EVERYONE
from service.accounts import accounts
from service.accounts.accounts import Account
from service.app import create_app
from service.base.config import Settings
from service.data import emptying
from service.messages import messages, writing
from service.people import forgetting, people
from tests.at_once import at_once
from tests.people import PAGE, Person, post, texts
from tests.servers import within

GOES_ON = "Their messages are being deleted"


@pytest.fixture
def gone(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Alice, who has been deleted with all her texts, of which none is emptied yet."""
    monkeypatch.setattr(writing, "AT_ONCE", 1)
    for number in range(20):
        writing.post(account.id, f"Number {number}")
    people.delete(OPERATOR, account.id, "empty")
    return account


def is_done(account: Account) -> bool:
    return not accounts.get(account.id).emptying


def left() -> int:
    return len(messages.newest(EVERYONE).messages)


def test_no_answer_waits_for_it_and_others_write_meanwhile(
    admin: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, empty = threading.Event(), writing.delete_some

    def in_a_while(*given: int) -> int | None:
        assert go_on.wait(20)
        return empty(*given)

    monkeypatch.setattr(writing, "delete_some", in_a_while)
    post(bob, "By Bob")
    found = accounts.find("bob")
    assert found
    page = f"/admin/people/{found.id}"
    answer = admin.post(f"/api{page}/deletion", data={"texts": "empty"}, headers=PAGE)
    assert answer.status_code == 303
    assert GOES_ON in admin.get(page, headers=PAGE).text
    post(admin, "By Ada")
    assert texts(admin) == ["By Ada", "By Bob"]
    go_on.set()
    within(20, lambda: is_done(found))
    within(20, lambda: texts(admin) == ["By Ada"])
    assert GOES_ON not in admin.get(page, headers=PAGE).text


def test_the_next_start_goes_on_also_after_the_database_was_away(
    gone: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty: Callable[..., Any] = writing.delete_some
    failures = [peewee.OperationalError("away")]

    def away_once(*given: int) -> int | None:
        if failures:
            raise failures.pop()
        return empty(*given)

    monkeypatch.setattr(emptying, "PAUSE", 0.01)
    monkeypatch.setattr(writing, "delete_some", away_once)
    with TestClient(create_app(settings)):
        within(20, lambda: is_done(gone))
    assert (left(), failures) == (0, [])


def test_two_processes_that_do_it_at_once_leave_nothing(gone: Account) -> None:
    assert left() == 20
    at_once([partial(deque, forgetting.batches(), maxlen=0) for _ in range(2)])
    assert (left(), is_done(gone)) == (0, True)
