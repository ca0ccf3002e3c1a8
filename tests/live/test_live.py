"""The hub of one process: what reaches an open page, and what never may go missing."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import peewee
import pytest
from anyio import to_thread

from service.access import ended
from service.access.visible import Reader
from service.app import create_app
from service.base.config import Settings
from service.data import db, events, sqlite
from service.data.cursors import Cursors
from service.data.tables import EventCounter
from service.live import ends, feed, frames, readers, renderings, streams
from service.live.changes import Changes, Log
from service.live.renderings import Renderings
from service.messages import messages, writing
from tests.people import MEMBERS, add_person
from tests.servers import PROJECT
from tests.streams import DEADLINE, Board, Frame, running, until

pytestmark = [pytest.mark.anyio, MEMBERS]


async def post(client: Any, text: str) -> dict[str, Any]:
    answer = await client.post("/api/message", json={"message": text})
    assert answer.status_code == 201
    return answer.json()


async def texts(stream: Any, count: int) -> list[str]:
    """Return the texts of the next messages; what only confirms a cursor is passed over."""
    found: list[str] = []
    while len(found) < count:
        frame = await stream.frame()
        found += [frame.text] if frame.data else []
    return found


async def test_posts_edits_and_deletions_arrive_in_order(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    stream, cursor = await board.open_now(bob)
    epoch = cursor.partition(".")[0]
    message = await post(alice, "Hello")
    posted = await stream.frame()
    await alice.post(f"/api/message/{message['id']}/edit", json={"message": "Hello all"})
    edited = await stream.frame()
    await alice.post(f"/api/message/{message['id']}/deletion")
    deleted = await stream.frame()
    assert posted
    assert edited
    assert deleted
    assert [posted.id, edited.id, deleted.id] == [f"{epoch}.1", f"{epoch}.2", f"{epoch}.3"]
    assert [posted.text, edited.text, deleted.text] == ["Hello", "Hello all", ""]
    assert posted.data.startswith("<hx-upsert")
    assert 'data-seq="2"' in edited.data
    assert edited.data.startswith(f'<hx-partial hx-target="#m-{message["id"]}"')
    assert 'hx-swap="delete"' in deleted.data


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
    now = str(messages.newest_cursor())
    assert await stream.rest() == [Frame(event="resync", data=now)]


@pytest.mark.parametrize("page", ["zone=Asia/Tokyo", "user=99"])
async def test_a_page_made_for_another_zone_or_user_is_fetched_anew(
    board: Board, page: str
) -> None:
    alice = await board.sign_in("alice")
    now = str(messages.newest_cursor())
    stream = await board.open(alice, f"{now}&{page}", last_event_id=now)
    assert await stream.rest() == [Frame(event="resync", data=now)]


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

    def newest_later(log: Log) -> tuple[events.Cursor, Changes]:
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
    assert [frame and (frame.seq, frame.text) for frame in replayed] == [
        (1, "One, edited"),
        (2, "Two"),
        (4, ""),
        (5, ""),  # nothing but the cursor
    ]
    assert replayed[0]
    assert replayed[0].data.startswith("<hx-upsert")  # whoever has not seen the post needs it whole


async def test_what_a_reader_missed_is_rendered_once_for_all_and_never_read_again(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [await board.sign_in(name) for name in ("alice", "bob")]
    start = messages.newest_cursor()
    for number in range(5):
        await post(clients[0], f"Message {number}")
    await board.hub.feed.as_far_as(messages.newest_cursor())
    asked, read = set(), Log.after

    def after(log: Log, me: Reader, cursor: events.Cursor, limit: int) -> Changes:
        asked.add(cursor)
        return read(log, me, cursor, limit)

    monkeypatch.setattr(Log, "after", after)
    rendered = count_renderings(monkeypatch)
    opened = [await board.open(clients[1], after=start) for _ in range(8)]
    for stream in opened:
        assert await texts(stream, 5) == [f"Message {number}" for number in range(5)]
    assert rendered == {("UTC", False): 5}
    assert start not in asked  # the hub alone looks at the table, for what is new


async def test_frames_are_kept_within_bounds(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderings, "KEPT", 5000)
    alice = await board.sign_in("alice")
    start = messages.newest_cursor()
    for number in range(5):
        await post(alice, f"Message {number}")
    await board.hub.feed.as_far_as(messages.newest_cursor())
    stream = await board.open(alice, after=start)
    assert await texts(stream, 5) == [f"Message {number}" for number in range(5)]
    kept = board.hub._renderings._kept.values()
    assert 0 < sum(len(frame.data) for frame in kept) <= 5000


def count_renderings(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, bool]]:
    """Return what will count how often a message is rendered for a zone and kind of viewer."""
    rendered: Counter[tuple[str, bool]] = Counter()
    real = Renderings.render

    def counted(kept: Renderings, key: renderings.Key) -> frames.Frame:
        _, zone, viewer = key
        rendered[zone, viewer == "author"] += 1
        return real(kept, key)

    monkeypatch.setattr(Renderings, "render", counted)
    return rendered


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
    assert await stream.rest() == [Frame(event="resync", data="restored.0")]


async def test_each_message_is_rendered_once_per_zone_and_kind_of_viewer(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("charlie", "dora"):
        add_person(name)
    zones = {"alice": "UTC", "bob": "UTC", "charlie": "Asia/Tokyo", "dora": "UTC"}
    clients = {name: await board.sign_in(name, zone) for name, zone in zones.items()}
    opened = {name: (await board.open_now(client))[0] for name, client in clients.items()}
    rendered = count_renderings(monkeypatch)
    await post(clients["alice"], "Good morning")
    arrived = {name: await stream.frame() for name, stream in opened.items()}
    assert rendered == {("UTC", True): 1, ("UTC", False): 1, ("Asia/Tokyo", False): 1}
    assert all(arrived.values())
    assert arrived["bob"] == arrived["dora"]
    assert len(set(arrived.values())) == 3
    assert {name for name, frame in arrived.items() if frame and "/edit" in frame.data} == {"alice"}


async def test_a_text_of_many_lines_arrives_as_one_frame(
    board: Board,
) -> None:
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    await post(alice, "a\nb\u2028c")
    assert await texts(stream, 1) == ["a\nb\nc"]
