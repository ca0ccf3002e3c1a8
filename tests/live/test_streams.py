"""Open streams: how many there may be, what ends them, and what they leave behind: nothing."""

import asyncio
import threading
import time
from dataclasses import replace

import httpx2
import peewee
import pytest

from service.access import ended
from service.access.audit import OPERATOR
from service.accounts import accounts
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.data.tables import Session
from service.live import ends, frames, readers, sse, streams
from service.messages import messages, writing
from service.people import people
from tests.people import MEMBERS, ONE_DATABASE, add_person, bearer
from tests.streams import DEADLINE, Board, Frame, Stream, post, texts, until
from tests.tokens import ends as tokens

pytestmark = [pytest.mark.anyio, MEMBERS]
SIGNED_OUT = Frame(event="signed-out")


@pytest.fixture(autouse=True)
def ends_are_seen_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "SESSION_POLL", 0.2)  # test_servers.py waits for the real one


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, streams_total=3, streams_per_user=2)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
async def test_no_line_of_a_change_is_a_line_of_the_stream(end: str) -> None:
    frame = frames.Frame("epoch.1", data=f"<p>a{end}event: signed-out</p>")
    assert sse.encode(frame) == b"id: epoch.1\ndata: <p>a\ndata: event: signed-out</p>\n\n"


@ONE_DATABASE
async def test_a_page_that_leaves_leaves_nothing_behind(board: Board) -> None:
    alice = await board.sign_in("alice")
    tasks = asyncio.all_tasks()
    for _ in range(5):  # more than one may have at once
        stream, _ = await board.open_now(alice)
        await stream.leave()
    assert board.hub.readers.all() == []
    assert board.hub.readers._users == board.hub.readers._rooms == {}
    await until(lambda: asyncio.all_tasks() <= tasks)


@ONE_DATABASE
async def test_nobody_has_more_streams_than_their_share(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    first, _ = await board.open_now(alice)
    await board.open_now(alice)
    refused = await board.open(alice)
    assert (refused.status, refused.headers["retry-after"]) == (503, "30")
    await board.open_now(bob)
    await first.leave()
    await board.open_now(alice)


@ONE_DATABASE
async def test_there_are_no_more_streams_than_the_total(board: Board) -> None:
    add_person("charlie")
    alice, bob, charlie = [await board.sign_in(name) for name in ("alice", "bob", "charlie")]
    for client in (alice, alice, bob):
        await board.open_now(client)
    refused = await board.open(charlie)
    assert (refused.status, refused.headers["retry-after"]) == (503, "30")


@ONE_DATABASE
async def test_a_slow_reader_is_sent_away_and_nobody_else_notices(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "QUEUE", 2)
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    slow, cursor = await board.open_now(alice)
    quick, _ = await board.open_now(bob)
    slow.reading.clear()
    for number in range(5):
        await post(bob, f"Message {number}")
        frame = await quick.frame()
        assert frame
        assert frame.text == f"Message {number}"
    slow.reading.set()
    # One was on its way when the reader stalled; what waited behind it was dropped.
    seen = await slow.rest()
    assert [frame.text for frame in seen] == ["Message 0"]
    back = await board.open(alice, after=cursor, last_event_id=seen[0].id)
    replayed = [await back.frame() for _ in range(4)]
    assert [frame and frame.text for frame in replayed] == [f"Message {n}" for n in (1, 2, 3, 4)]
    await post(bob, "Message 5")
    for stream in (quick, back):
        frame = await stream.frame()
        assert frame
        assert frame.text == "Message 5"


@ONE_DATABASE
async def test_a_reader_that_takes_nothing_is_given_up(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SEND_TIMEOUT", 0.1)
    monkeypatch.setattr(readers, "TICK", 0.05)
    alice = await board.sign_in("alice")
    stalled, _ = await board.open_now(alice)
    stalled.reading.clear()
    await post(alice, "One")
    async with asyncio.timeout(DEADLINE):
        await stalled.task
    assert board.hub.readers.all() == []


async def test_a_reader_who_has_left_is_sent_no_more_of_a_replay(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHUNK", 1)
    alice = await board.sign_in("alice")
    _, cursor = await board.open_now(alice)
    for number in range(50):
        writing.post(1, f"Message {number}")
    await board.hub.feed.as_far_as(messages.newest_cursor())
    stream = await board.open(alice, after=cursor)
    assert await stream.frame()
    await stream.leave()
    assert len(stream.unread()) < 10


@ONE_DATABASE
async def test_draining_ends_every_stream_and_takes_no_new_one(board: Board) -> None:
    alice = await board.sign_in("alice")
    streams = [(await board.open_now(alice))[0] for _ in range(2)]
    assert (await alice.get("/readyz")).status_code == 200
    board.hub.end()
    assert [await stream.rest() for stream in streams] == [[], []]
    refused = await board.open(alice)
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert (await alice.get("/readyz")).status_code == 503
    assert (await alice.get("/healthz")).status_code == 200


async def open_for_both(board: Board) -> tuple[httpx2.AsyncClient, Stream, Stream]:
    """Return Alice's client and stream, and Bob's stream, who is not concerned."""
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    mine, _ = await board.open_now(alice)
    others, _ = await board.open_now(bob)
    return alice, mine, others


@pytest.mark.parametrize(
    "end", ["logout", "sessions", "disabled elsewhere", "new password elsewhere", "too old"]
)
async def test_the_end_of_a_session_ends_its_streams(board: Board, end: str) -> None:
    alice, mine, others = await open_for_both(board)
    account = accounts.find("alice")
    assert account
    if end == "logout":
        await alice.get("/api/logout")
    elif end == "sessions":
        await alice.post("/api/account/sessions/end")
    elif end == "disabled elsewhere":
        people.disable(OPERATOR, account.id)
    elif end == "new password elsewhere":
        accounts.reset_password(account.id, "another password")
    else:
        make_old(account.id)
    assert await mine.rest() == [SIGNED_OUT]
    assert (await alice.get("/api/messages")).status_code == 401
    assert len(board.hub.readers) == 1
    await post(await board.sign_in("bob"), "Still here")
    frame = await others.frame()
    assert frame
    assert frame.text == "Still here"


@pytest.mark.parametrize("end", tokens.ENDS)
async def test_the_end_of_a_token_ends_its_streams(board: Board, end: str) -> None:
    alice = accounts.find("alice")
    assert alice
    bob = await board.sign_in("bob")
    (kept, cursor), headers = await board.open_now(bob), bearer(alice)
    stream = await Stream(board.app, headers, f"after={cursor}").started()
    assert await stream.frame() == Frame(id=cursor)
    await post(bob, "To both")
    assert (await texts(stream, 1), await texts(kept, 1)) == (["To both"], ["To both"])
    tokens.ENDS[end](alice)
    async with asyncio.timeout(5):
        assert SIGNED_OUT in await stream.rest()
    await until(lambda: len(board.hub.readers) == 1)


def make_old(user_id: int) -> None:
    with db.write():
        Session.update(expires_at=clock.now()).where(Session.user == user_id).execute()


async def test_a_busy_event_loop_ends_the_streams_of_ended_sessions_alone(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended sessions are read meanwhile, and what was read is as young as it is."""
    monkeypatch.setattr(ended, "TRUSTED_FOR", 0.8)
    _, mine, others = await open_for_both(board)
    alice, bob = accounts.find("alice"), accounts.find("bob")
    assert alice
    assert bob
    people.disable(OPERATOR, alice.id)
    time.sleep(1.5)  # noqa: ASYNC251, the loop stands still
    assert await mine.rest() == [SIGNED_OUT]
    await asyncio.sleep(2 * ends.SESSION_POLL)
    writing.post(bob.id, "Still here")
    frame = await others.frame()
    assert frame
    assert frame.text == "Still here"


async def test_a_changed_password_ends_every_stream_and_who_changed_it_comes_back(
    board: Board,
) -> None:
    here, elsewhere = await board.sign_in("alice"), await board.sign_in("alice")
    streams = [(await board.open_now(client))[0] for client in (here, elsewhere)]
    form = {"current_password": "correct horse battery", "new_password": "a new one indeed"}
    assert (await here.post("/api/account/password", json=form)).status_code == 200
    assert [await stream.rest() for stream in streams] == [[SIGNED_OUT], [SIGNED_OUT]]
    assert (await elsewhere.get("/api/messages")).status_code == 401
    back, _ = await board.open_now(here)
    await post(here, "Still here")
    frame = await back.frame()
    assert frame
    assert frame.text == "Still here"


@pytest.mark.parametrize("loss", ["refused", "silent"])
async def test_streams_end_when_nobody_can_tell_whether_their_session_stands(
    board: Board, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    monkeypatch.setattr(ended, "TRUSTED_FOR", 0.5)
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice)
    back = threading.Event()

    def lost() -> None:
        if loss == "silent":
            back.wait(DEADLINE)
        raise peewee.OperationalError("the network is gone")

    monkeypatch.setattr(ended.sessions, "refresh", lost)
    assert await stream.rest() == []
    back.set()
