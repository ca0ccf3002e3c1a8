"""How fast one user may go on: what a person never meets, and a program is told of."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from service.base import paces
from service.base.config import Settings
from service.base.errors import TooManyRequests
from service.base.paces import Pace
from tests.people import HTMX, ONE_DATABASE, PAGE, PROBLEM, Person, SignIn, listed, post, texts


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with which two changes are made at once, and one every six seconds."""
    return replace(settings, changes_per_minute=10, streams_per_user=1)


@ONE_DATABASE
def test_posts_edits_and_deletions_are_counted_together_for_each_user(
    alice: Person, bob: Person
) -> None:
    number = post(alice, "One")["id"]
    assert alice.post(f"/api/message/{number}/edit", json={"message": "Two"}).status_code == 200
    for path in ("/api/message", f"/api/message/{number}/edit", f"/api/message/{number}/deletion"):
        answer = alice.post(path, json={"message": "Three"})
        assert (answer.status_code, answer.headers["content-type"]) == (429, PROBLEM)
        assert answer.headers["retry-after"] == "6"
    assert texts(bob) == ["Two"]
    post(bob, "Mine")


@ONE_DATABASE
def test_a_text_written_too_fast_is_kept(alice: Person) -> None:
    for _ in range(2):
        post(alice, "One")
    for caller in (PAGE, HTMX):
        answer = alice.post("/api/message", data={"message": "My long text"}, headers=caller)
        assert answer.status_code == 429
        assert "Wait a little" in answer.text
        assert ("My long text" in answer.text) is (caller is PAGE)  # htmx leaves the form alone


@ONE_DATABASE
def test_replays_count_against_the_readers_pace(alice: Person, sign_in: SignIn) -> None:
    cursor = listed(alice)["cursor"]
    for _ in range(6):
        listed(alice, after=cursor)
    for path in (f"/api/messages?after={cursor}", "/api/events"):
        answer = alice.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "4")
    listed(alice)
    listed(sign_in("bob"), after=cursor)


def test_a_budget_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(paces, "time", SimpleNamespace(monotonic=lambda: now))
    pace = Pace(at_once=3, per_second=0.5)
    for later, taken in ((0, 3), (0, 0), (2, 1), (1000, 3)):
        now += later
        for _ in range(taken):
            pace.take(1)
        with pytest.raises(TooManyRequests) as refused:
            pace.take(1)
        assert refused.value.retry_after == 2
