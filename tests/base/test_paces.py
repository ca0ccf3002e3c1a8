"""How fast one user may go on: what a person never meets, and a program is told of."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.base import paces
from service.base.config import Settings
from service.base.errors import TooManyRequests
from service.base.paces import Pace
from service.base.redis_url import redis_url
from service.base.shared import Shared
from tests.people import (
    HTMX,
    ONE_DATABASE,
    PAGE,
    PROBLEM,
    Person,
    SignIn,
    listed,
    new_client,
    post,
    texts,
)
from tests.redis_server import RedisServer, programs
from tests.servers import within
from tests.streams import until

DEADLINE = 20


@pytest.fixture(params=["alone", *programs()])
def settings(
    request: pytest.FixtureRequest,
    settings: Settings,
    redis_of: Callable[[str], RedisServer],
    caplog: pytest.LogCaptureFixture,
) -> Settings:
    """Return settings with which two changes are made at once, and one every six seconds."""
    caplog.set_level("INFO", "service.base.shared")
    settings = replace(settings, changes_per_minute=10, streams_per_user=1)
    if request.param == "alone":
        return settings
    return replace(settings, redis=redis_url(redis_of(request.param).url))


@pytest.fixture
def app_client(
    settings: Settings, app_client: TestClient, caplog: pytest.LogCaptureFixture
) -> TestClient:
    """Return a client once Redis counts, where there is one."""
    within(DEADLINE, lambda: settings.redis is None or "answers" in caplog.text)
    return app_client


@ONE_DATABASE
def test_what_is_written_is_counted_together_for_each_user(alice: Person, bob: Person) -> None:
    number = post(alice, "One")["id"]
    assert alice.post(f"/api/message/{number}/edit", json={"message": "Two"}).status_code == 200
    changes = "edit", "deletion", "unread"
    for path in ("/api/message", *(f"/api/message/{number}/{each}" for each in changes)):
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


@ONE_DATABASE
def test_a_budget_is_one_where_processes_share_a_redis_and_each_ones_own_without(
    alice: Person, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(settings), base_url="http://board.test") as client:
        within(DEADLINE, lambda: settings.redis is None or "answers" in caplog.text)
        there = new_client(client)
        there.cookies = alice.cookies
        for number, process in enumerate((alice, alice, there, there)):
            answer = process.post("/api/message", json={"message": "Hello"})
            is_spent = number > 1 and settings.redis
            assert answer.status_code == (429 if is_spent else 201)


@pytest.mark.anyio
async def test_a_budget_is_each_processs_own_while_redis_is_away(redis_server: RedisServer) -> None:
    pages = [Shared(redis_url(redis_server.url), "a key") for _ in range(2)]
    working = [asyncio.create_task(each.run(lambda: None)) for each in pages]
    here, there = [Pace(2, 0.001, shared=each) for each in pages]
    await until(lambda: all(each.is_up for each in pages))
    assert [await is_taken(pace) for pace in (here, there, here)] == [True, True, False]
    redis_server.kill()
    await until(lambda: not any(each.is_up for each in pages))
    assert [await is_taken(pace) for pace in (here, there) * 3] == [True] * 4 + [False] * 2
    for each in working:
        each.cancel()
    await asyncio.wait(working)


async def is_taken(pace: Pace) -> bool:
    try:
        await pace.take("alice")
    except TooManyRequests:
        return False
    return True


@pytest.mark.anyio
async def test_a_budget_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(paces, "time", SimpleNamespace(monotonic=lambda: now))
    pace = Pace(at_once=3, per_second=0.5)
    for later, taken in ((0, 3), (0, 0), (2, 1), (1000, 3)):
        now += later
        for _ in range(taken):
            await pace.take(1)
        with pytest.raises(TooManyRequests) as refused:
            await pace.take(1)
        assert refused.value.retry_after == 2
