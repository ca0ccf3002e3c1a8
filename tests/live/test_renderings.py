"""What the hub renders: once for all who see the same."""

from collections import Counter

import pytest

from service.access import options
from service.access.visible import Reader
from service.data import events
from service.live import frames, renderings
from service.live.changes import Changes, Log
from service.live.renderings import Renderings
from service.messages import messages
from tests.people import MEMBERS, add_person
from tests.streams import Board, post, texts

pytestmark = [pytest.mark.anyio, MEMBERS]


def count_renderings(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, bool]]:
    """Return what will count how often a message is rendered for a zone and kind of viewer."""
    rendered: Counter[tuple[str, bool]] = Counter()
    real = Renderings.render

    def counted(kept: Renderings, key: renderings.Key) -> frames.Frame:
        _, clock, viewer = key
        rendered[clock.zone, viewer == "author"] += 1
        return real(kept, key)

    monkeypatch.setattr(Renderings, "render", counted)
    return rendered


async def test_what_a_reader_missed_is_rendered_once_for_all_and_never_read_again(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "TRUSTED_FOR", 0.0)  # they are read again and again, as they were
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
    monkeypatch.setattr(renderings, "KEPT", 12_000)
    alice = await board.sign_in("alice")
    start = messages.newest_cursor()
    for number in range(5):
        await post(alice, f"Message {number}")
    await board.hub.feed.as_far_as(messages.newest_cursor())
    stream = await board.open(alice, after=start)
    assert await texts(stream, 5) == [f"Message {number}" for number in range(5)]
    kept = board.hub._renderings._kept.values()
    assert 0 < sum(len(frame.data) for frame in kept) <= 12_000


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
