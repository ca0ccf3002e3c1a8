"""The hub of one process: what reaches an open page, and what never may go missing."""

import asyncio
import re

import peewee
import pytest
from anyio import to_thread

from service.access import ended
from service.app import create_app
from service.base.config import Settings
from service.data import db, sqlite
from service.data.tables import EventCounter
from service.live import ends, feed, readers, streams
from service.live.changes import Log
from service.messages import writing
from tests.people import MEMBERS
from tests.servers import PROJECT
from tests.streams import Board, Frame, post, running, texts, until

pytestmark = [pytest.mark.anyio, MEMBERS]


async def test_posts_edits_and_deletions_arrive_in_order(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    message = await post(alice, "Hello")
    posted = await stream.frame()
    await alice.post(f"/api/message/{message['id']}/edit", json={"message": "Hello all"})
    edited = await stream.frame()
    await alice.post(f"/api/message/{message['id']}/deletion")
    deleted = await stream.frame()
    assert posted
    assert edited
    assert deleted
    assert [board.seq(each) for each in (posted, edited, deleted)] == [1, 2, 3]
    assert [posted.text, edited.text, deleted.text] == ["Hello", "Hello all", ""]
    assert posted.data.startswith("<hx-upsert")
    assert 'data-seq="2"' in edited.data
    assert edited.data.startswith(f'<hx-partial hx-target="#m-{message["id"]}"')
    assert 'hx-swap="delete"' in deleted.data


async def test_a_stream_opened_when_the_database_is_just_back_lasts(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended sessions could not be read for long: until they are, every stream is ended."""
    monkeypatch.setattr(ends, "SESSION_POLL", 60)  # after the first read, the next is far
    db.close_database()
    async with running(create_app(settings)) as board:
        await until(ended.sessions.are_up_to_date)
        alice = await board.sign_in("alice")
        ended.sessions._read_at -= 100
        stream, _ = await board.open_now(alice)
        await asyncio.sleep(2 * ends.SESSION_LOOK)
        await post(alice, "One")
        assert await texts(stream, 1) == ["One"]


@pytest.mark.parametrize(
    "failure",
    [
        peewee.OperationalError("no such host"),
        sqlite.library.DatabaseError("database disk image is malformed"),  # while rows arrive
    ],
)
async def test_a_hub_that_cannot_begin_turns_streams_away(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def lost(_: Log) -> None:
        raise failure

    monkeypatch.setattr(Log, "newest", lost)
    monkeypatch.setattr(feed, "FIRST_LOOK", 0.1)
    db.close_database()
    async with running(create_app(settings)) as board:
        alice = await board.sign_in("alice")
        refused = await board.open(alice)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert board.hub.readers.all() == []


async def test_a_message_of_another_process_is_found_although_every_hint_is_lost(
    board: Board,
) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    writing.post(1, "From elsewhere")  # nobody wakes the hub
    assert await texts(stream, 1) == ["From elsewhere"]


async def test_a_burst_longer_than_a_queue_reaches_a_reader_who_keeps_up(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "QUEUE", 10)
    monkeypatch.setattr(feed, "BATCH", 5)
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    sent = [f"Message {number}" for number in range(40)]
    for text in sent:
        writing.post(1, text)  # the event loop stands still meanwhile, and the hub with it
    assert await texts(stream, 40) == sent


async def test_a_rush_of_posts_shares_a_look_at_the_log_and_arrives_whole(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAUSE", 1.0)
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    looks, read = [], Log.after
    monkeypatch.setattr(Log, "after", lambda *asked: looks.append(asked) or read(*asked))
    rush = [f"Post {number}" for number in range(20)]
    for text in rush:
        await post(alice, text)
    assert await texts(stream, len(rush)) == rush
    assert len(looks) < len(rush) / 3


async def test_a_rush_of_slow_requests_does_not_keep_the_live_channel_waiting(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    limiter, rush = to_thread.current_default_thread_limiter(), object()
    monkeypatch.setattr(limiter, "total_tokens", 1)
    await limiter.acquire_on_behalf_of(rush)
    writing.post(1, "From elsewhere")
    assert await texts(stream, 1) == ["From elsewhere"]
    limiter.release_on_behalf_of(rush)


async def test_a_quiet_stream_has_a_heartbeat(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    monkeypatch.setattr(readers, "TICK", 0.02)
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    assert [await stream.frame() for _ in range(2)] == [Frame(event="ping")] * 2


def test_a_page_takes_no_stream_for_dead_between_two_heartbeats() -> None:
    script = (PROJECT / "static" / "js" / "live" / "connection.js").read_text()
    (silence,) = re.findall(r"SILENCE_MS = (\d+);", script)
    assert int(silence) > 2 * streams.HEARTBEAT * 1000


async def test_a_restored_database_sends_every_page_to_fetch_anew(board: Board) -> None:
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    with db.write():
        EventCounter.update(epoch="restored").execute()
    board.hub.feed.wake()  # before it is noticed that the sessions are others, too
    assert await stream.rest() == [Frame(event="resync")]
