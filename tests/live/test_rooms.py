"""Streams of rooms: what happens in one is told to who may read it, and to nobody else."""

from collections.abc import Callable

import pytest

from service.access.visible import Member
from service.base import clock
from service.data import db, events
from service.data.tables import EVERYWHERE
from service.live import feed
from service.messages import messages, writing
from service.rooms.places import Place
from tests.live.reading import read_on
from tests.people import MEMBERS, add_person
from tests.rooms.making import add, change, make, remove, say, say_all, user_of
from tests.streams import Board, Frame, texts, until

pytestmark = [pytest.mark.anyio, MEMBERS]
LEFT = Frame(event="left")


def without_id(answer: dict[str, object]) -> dict[str, object]:
    return answer | {"request_id": "any"}


async def test_a_stream_is_of_one_room(board: Board, cave: Place) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    (here, _), (there, _) = await board.open_now(alice), await board.open_now(bob, "cave")
    say(cave, "alice", "In the cave")
    writing.post(1, "Outside")
    say(cave, "alice", "In the cave again")
    assert await texts(there, 2) == ["In the cave", "In the cave again"]
    assert await texts(here, 1) == ["Outside"]


async def test_a_room_that_is_not_ones_own_is_as_one_that_is_not_there(
    board: Board, cave: Place
) -> None:
    add_person("charlie")
    charlie = await board.sign_in("charlie")
    hidden, nothing = [
        await charlie.get("/api/events", params={"room": slug}) for slug in ("cave", "nothing")
    ]
    assert hidden.status_code == nothing.status_code == 404
    assert without_id(hidden.json()) == without_id(nothing.json())
    assert hidden.headers.keys() == nothing.headers.keys()
    assert board.hub.readers.all() == []


async def test_what_concerns_all_rooms_is_told_in_each(board: Board, cave: Place) -> None:
    add_person("charlie")
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    (here, _), (there, start) = await board.open_now(alice), await board.open_now(bob, "cave")
    with db.write():
        events.append(EVERYWHERE, "user", user_of("charlie"))
    await read_on(board)
    for stream in (here, there, await board.open(bob, start, room="cave")):
        told = await stream.frame()
        assert told
        assert "data-author" in told.data


def gone(place: Place) -> None:
    change(place, deleted_at=clock.now())


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("private", lambda place: remove(place, "bob")),
        ("open", lambda place: (remove(place, "bob"), change(place, kind="private"))),
        ("private", gone),
    ],
    ids=["removed", "made private", "deleted"],
)
async def test_who_sees_a_room_no_more_is_told_so_and_nothing_else(
    board: Board, kind: str, end: Callable[[Place], object]
) -> None:
    """The end is the last of all that is read together, and comes first."""
    place = make("cave", "alice", "bob", kind=kind)
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob, "cave")
    say_all(place, "alice", ["One", "Two"])
    end(place)
    assert await stream.rest() == [LEFT]
    refused = await bob.get("/api/events", params={"room": "cave"})
    assert refused.status_code == 404


async def test_what_waits_is_dropped_when_its_reader_is_removed(board: Board, cave: Place) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob, "cave")
    stream.reading.clear()
    say_all(cave, "alice", ["One", "Two", "Three"])
    await board.hub.feed.as_far_as(messages.newest_cursor(cave.id))
    remove(cave, "bob")
    await until(lambda: board.hub.readers.of(cave.id)[0]._farewell)
    stream.reading.set()
    first, last = await stream.rest()
    assert (first.text, last) == ("One", LEFT)  # the first was on its way already


async def test_what_was_changed_after_a_removal_is_not_read_with_what_came_before(
    board: Board, cave: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch ends before the removal, but things are shown as they are by then."""
    monkeypatch.setattr(feed, "BATCH", 1)
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob, "cave")
    message = say(cave, "alice", "Before")
    remove(cave, "bob")
    writing.edit(Member(user_of("alice")), message.id, "After", room=cave.id)
    assert await stream.rest() == [LEFT]


async def test_others_go_on_when_somebody_is_removed_or_the_room_is_archived(
    board: Board, cave: Place
) -> None:
    alice = await board.sign_in("alice")
    stream, _ = await board.open_now(alice, "cave")
    remove(cave, "bob")
    change(cave, name="Hole", archived_at=clock.now())
    change(cave, archived_at=None)
    say(cave, "alice", "Alone")
    assert await texts(stream, 3) == ["", "", "Alone"]  # the room as it is shown, twice


async def test_who_comes_back_follows_again(board: Board, cave: Place) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob, "cave")
    remove(cave, "bob")
    assert await stream.rest() == [LEFT]
    add(cave, "bob")
    stream, _ = await board.open_now(bob, "cave")
    say(cave, "alice", "Welcome")
    assert await texts(stream, 1) == ["Welcome"]
