"""What a stream replays before it is live: all that was missed, and nothing twice."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from service.app import create_app
from service.base.config import Settings
from service.data import db, events
from service.data.cursors import Cursors
from service.live import feed
from service.live.changes import Changes, Log
from service.messages import messages, writing
from tests.people import MEMBERS
from tests.streams import DEADLINE, Board, Frame, post, running, texts, until

pytestmark = [pytest.mark.anyio, MEMBERS]


@pytest.mark.parametrize("written", [Cursors.sealed, lambda _, cursor: str(cursor)])
async def test_a_stream_replays_what_it_missed(
    board: Board, settings: Settings, written: Callable[[Cursors, events.Cursor], str]
) -> None:
    alice = await board.sign_in("alice")
    start = messages.newest_cursor()
    for text in ("One", "Two"):
        await post(alice, text)
    stream = await board.open(alice, after=written(Cursors(settings.secret_keys), start))
    assert await texts(stream, 2) == ["One", "Two"]
    await post(alice, "Three")
    assert await texts(stream, 1) == ["Three"]


async def test_the_last_event_id_wins_over_the_address(board: Board) -> None:
    alice = await board.sign_in("alice")
    start = messages.newest_cursor()
    for text in ("One", "Two"):
        await post(alice, text)
    seen = events.Cursor(start.epoch, 1)
    stream = await board.open(alice, after=start, last_event_id=seen)
    assert await texts(stream, 1) == ["Two"]
    await post(alice, "Three")
    assert await texts(stream, 1) == ["Three"]


@pytest.mark.parametrize("after", ["", "nonsense", "other.0"])
async def test_a_cursor_that_cannot_be_followed_gets_resync_and_the_end(
    board: Board, after: str
) -> None:
    alice = await board.sign_in("alice")
    stream = await board.open(alice, after=after)
    assert await stream.rest() == [Frame(event="resync")]


@pytest.mark.parametrize("page", ["zone=Asia/Tokyo", "user=99"])
async def test_a_page_made_for_another_zone_or_user_is_fetched_anew(
    board: Board, page: str
) -> None:
    alice = await board.sign_in("alice")
    now = str(messages.newest_cursor())
    stream = await board.open(alice, f"{now}&{page}", last_event_id=now)
    assert await stream.rest() == [Frame(event="resync")]


async def test_a_commit_between_replay_and_going_live_arrives_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub hands it out while the stream still holds a replay without it."""
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    other, start = await board.open_now(bob)
    await post(alice, "One")
    await texts(other, 1)
    held, go_on = asyncio.Event(), asyncio.Event()
    real = board.hub._replay

    async def slow(*args: Any) -> Any:
        replay = await real(*args)
        held.set()
        await go_on.wait()
        return replay

    monkeypatch.setattr(board.hub, "_replay", slow)
    opening = asyncio.create_task(board.open(alice, after=start))
    async with asyncio.timeout(DEADLINE):
        await held.wait()
    await post(alice, "Two")
    assert await texts(other, 1) == ["Two"]
    go_on.set()
    stream = await opening
    await post(alice, "Three")
    assert await texts(stream, 3) == ["One", "Two", "Three"]


async def test_what_was_replayed_is_not_sent_again(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit after subscribing is in the replay, and handed out to others: it is sent once."""
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    other, start = await board.open_now(bob)
    real = board.hub._replay

    async def late(*args: Any) -> Any:
        await post(alice, "One")
        assert await texts(other, 1) == ["One"]
        return await real(*args)

    monkeypatch.setattr(board.hub, "_replay", late)
    stream = await board.open(alice, after=start)
    assert await texts(stream, 1) == ["One"]
    await post(alice, "Two")
    assert await texts(stream, 1) == ["Two"]


async def test_a_page_that_knows_more_than_the_hub_waits_until_that_is_read(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BATCH", 5)
    bob = await board.sign_in("bob")
    for number in range(12):
        writing.post(1, f"Message {number}")  # the event loop stands still meanwhile
    stream, _ = await board.open_now(bob)
    await post(bob, "One")
    assert await texts(stream, 1) == ["One"]


async def test_a_page_that_opens_before_the_hub_has_read_waits_for_it(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, real = threading.Event(), Log.newest

    def newest_later(log: Log) -> tuple[events.Cursor, Changes, dict[int, int]]:
        assert look.wait(DEADLINE)
        return real(log)

    monkeypatch.setattr(Log, "newest", newest_later)
    start = messages.newest_cursor()
    db.close_database()
    async with running(create_app(settings)) as board:
        alice = await board.sign_in("alice")
        opening = asyncio.create_task(board.open(alice, after=start))
        await until(lambda: board.hub.readers)
        await post(alice, "One")
        look.set()
        assert await texts(await opening, 1) == ["One"]


async def test_a_message_that_changed_often_is_replayed_once_as_it_is_now(board: Board) -> None:
    alice = await board.sign_in("alice")
    watching, start = await board.open_now(alice)
    message = await post(alice, "One")
    await post(alice, "Two")
    await alice.post(f"/api/message/{message['id']}/edit", json={"message": "One, edited"})
    gone = await post(alice, "Three")
    await alice.post(f"/api/message/{gone['id']}/deletion")
    await texts(watching, 5)
    stream = await board.open(alice, after=start)
    replayed = [await stream.frame() for _ in range(4)]
    assert [frame and (board.seq(frame), frame.text) for frame in replayed] == [
        (1, "One, edited"),
        (2, "Two"),
        (4, ""),
        (5, ""),  # nothing but the cursor
    ]
    assert replayed[0]
    assert replayed[0].data.startswith("<hx-upsert")  # whoever has not seen the post needs it whole
