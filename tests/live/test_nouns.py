"""Several nouns on one log: told in order, each by its own rules, and unknown ones passed over."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import pytest

from service import app, registry
from service.access.identity import Identity
from service.access.visible import Reader
from service.base.clock import Clock
from service.base.config import Settings
from service.data import db, events
from service.data.tables import Event
from service.data.tables.rooms import BOARD
from service.live import feed, nouns, wakes
from service.live.nouns import Noun
from service.messages import messages, writing
from service.web.render import Renderer
from tests.people import MEMBERS
from tests.streams import Board, Frame, Stream, running

pytestmark = [pytest.mark.anyio, MEMBERS]
BOBS = 100  # the id of a note that sends Bob away


def load(_: Reader, ids: Collection[int]) -> dict[int, str]:
    return {each: f"Note {each}" for each in ids}


def html(_: Renderer, kind: str, note: str, clock: Clock, mine: bool) -> str:
    return f"<p>{note} was {kind} in {clock}{' by you' if mine else ''}</p>"


def ends(kind: str, note: str, me: Identity) -> bool:
    return kind == "struck" and note == f"Note {BOBS}" and me.name == "bob"


NOTES = Noun(
    kinds=frozenset({"noted", "struck"}),
    load=load,
    viewer=lambda _, me: me.name == "alice",
    html=html,
    json=lambda note: {"note": note},
    ends=ends,
)


@pytest.fixture(autouse=True)
def second_noun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "NOUNS", (*registry.NOUNS, NOTES))


def tell(kind: str, note: int, user: int | None = None) -> None:
    """Write an event, as a noun does that changes something."""
    with db.write():
        seq = events.append(BOARD, kind, note)
        Event.update(user=user).where(Event.seq == seq).execute()


def told(frame: Frame | None) -> str:
    assert frame
    return frame.text or frame.data


async def caught_up(board: Board, stream: Stream) -> list[str]:
    """Return what a stream replays, up to the newest event."""
    found, end = [], messages.newest_cursor()
    while not found or board.hub.cursors.parse(found[-1].id) != end:
        frame = await stream.frame()
        assert frame
        found.append(frame)
    return [told(frame) for frame in found if frame.data]


async def test_two_nouns_reach_readers_in_order_on_each_transport(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob", "Asia/Tokyo")
    opened = {name: await board.open_now(who) for name, who in {"alice": alice, "bob": bob}.items()}
    start = opened["bob"][1]
    message = writing.post(1, "One")
    tell("noted", 7)
    writing.post(1, "Two")
    tell("noted", 8)
    notes = {
        "alice": ["<p>Note 7 was noted in UTC by you</p>", "<p>Note 8 was noted in UTC by you</p>"],
        "bob": ["<p>Note 7 was noted in Asia/Tokyo</p>", "<p>Note 8 was noted in Asia/Tokyo</p>"],
    }
    for name, (stream, _) in opened.items():
        assert await caught_up(board, stream) == ["One", notes[name][0], "Two", notes[name][1]]
    again = await board.open(bob, after=start)
    assert await caught_up(board, again) == ["One", notes["bob"][0], "Two", notes["bob"][1]]
    answer = (await bob.get("/api/messages", params={"after": start})).json()
    assert [each["kind"] for each in answer["events"]] == ["posted", "noted", "posted", "noted"]
    assert answer["events"][0]["message"]["id"] == message.id
    behind = answer["events"][1].pop("cursor")
    assert answer["events"][1] == {"kind": "noted", "room": "board", "note": "Note 7"}
    rest = (await bob.get("/api/messages", params={"after": behind})).json()
    assert rest["events"] == answer["events"][2:]


async def test_a_thing_is_replayed_once_and_is_no_other_nouns_of_the_same_id(board: Board) -> None:
    bob = await board.sign_in("bob")
    watching, start = await board.open_now(bob)
    tell("noted", 1)
    assert writing.post(1, "One").id == 1
    tell("struck", 1)
    await caught_up(board, watching)
    replayed = await board.open(bob, after=start)
    assert await caught_up(board, replayed) == ["<p>Note 1 was noted in UTC</p>", "One"]


async def test_a_kind_that_nobody_knows_is_passed_over(board: Board) -> None:
    """A later release wrote it; this one serves beside it until it is replaced."""
    bob = await board.sign_in("bob")
    stream, start = await board.open_now(bob)
    tell("foretold", 1)
    writing.post(1, "One")
    tell("foretold", 2)
    assert told(await stream.frame()) == "One"
    now = messages.newest_cursor()
    assert (await board.hub.feed.as_far_as(now)).has_reached(now)
    assert stream.unread() == []
    replay = await board.open(bob, after=start)
    assert told(await replay.frame()) == "One"
    answer = (await bob.get("/api/messages", params={"after": start})).json()
    assert [each["kind"] for each in answer["events"]] == ["posted"]
    assert board.hub.cursors.parse(answer["cursor"]) == now


async def test_more_unknown_events_than_are_read_at_once_hold_nothing_up(board: Board) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    with db.write():
        for number in range(120):
            events.append(BOARD, "foretold", number)
    writing.post(1, "One")
    assert told(await stream.frame()) == "One"


async def test_what_concerns_one_reader_is_told_to_nobody_else(
    board: Board, account: Any, other_account: Any
) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    (hers, start), (his, _) = await board.open_now(alice), await board.open_now(bob)
    tell("noted", 7, user=account.id)
    tell("noted", 8, user=other_account.id)
    writing.post(1, "One")
    for client, stream, note in ((alice, hers, 7), (bob, his, 8)):
        await_texts = [told(await stream.frame()) for _ in range(2)]
        assert [f"Note {note}" in await_texts[0], await_texts[1]] == [True, "One"]
        again = await caught_up(board, await board.open(client, after=start))
        assert again == await_texts
        answer = (await client.get("/api/messages", params={"after": start})).json()
        assert [each.get("note") for each in answer["events"]] == [f"Note {note}", None]


async def test_what_ends_a_stream_comes_before_all_that_is_delivered(
    board: Board,
) -> None:
    """Bob is sent away by the last of three events that are read together."""
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    (hers, _), (his, _) = await board.open_now(alice), await board.open_now(bob)
    with db.write():
        events.append(BOARD, "noted", 1)
        events.append(BOARD, "noted", 2)
        events.append(BOARD, "struck", BOBS)
    assert await his.rest() == [Frame(event="resync")]
    assert len(await caught_up(board, hers)) == 3


async def test_what_waits_for_a_reader_is_dropped_when_their_stream_ends(board: Board) -> None:
    bob = await board.sign_in("bob")
    his, _ = await board.open_now(bob)
    his.reading.clear()
    for note in (1, 2, 3):
        tell("noted", note)
    await board.hub.feed.as_far_as(messages.newest_cursor())
    tell("struck", BOBS)
    now = messages.newest_cursor()
    await board.hub.feed.as_far_as(now)
    his.reading.set()
    # The first was on its way already.
    first, last = await his.rest()
    assert (board.seq(first), last) == (1, Frame(event="resync"))


class Carrier:
    """A wake of a fourth kind."""

    def __init__(self) -> None:
        self.arrive: Callable[[], None] | None = None

    async def hear(self, wake: Callable[[], None]) -> None:
        self.arrive = wake


async def test_a_wake_of_another_kind_is_one_more_that_the_hub_is_given(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = Carrier()
    monkeypatch.setattr(wakes, "Polled", lambda: carrier)
    monkeypatch.setattr(db, "notify", lambda: None)  # nothing else tells
    db.close_database()
    async with running(app.create_app(settings)) as board:
        bob = await board.sign_in("bob")
        stream, _ = await board.open_now(bob)
        tell("noted", 7)
        await asyncio.sleep(5 * feed.PAUSE)
        assert stream.unread() == []
        assert carrier.arrive
        carrier.arrive()
        assert "Note 7" in told(await stream.frame())


def test_two_nouns_cannot_have_the_same_kind_of_event() -> None:
    with pytest.raises(ValueError, match="two nouns have events of the kind noted"):
        nouns.by_kind([NOTES, NOTES])
