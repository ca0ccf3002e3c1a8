"""Hints: there is news in a room that one is in, and does not look at."""

import pytest

from service.access.audit import Actor, Someone
from service.access.visible import Member
from service.data import db
from service.data.tables import BOARD
from service.live import frames, streams
from service.rooms import altering
from service.rooms.places import BOARD_PLACE, Place
from tests.live.reading import read_on
from tests.people import MEMBERS, add_person
from tests.rooms.making import add, change, make, say, user_of
from tests.streams import Board, Frame, texts

pytestmark = [pytest.mark.anyio, MEMBERS]


async def test_news_of_rooms_that_one_is_in_are_hinted_at(
    board: Board, cave: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HINTS", 0.0)
    add_person("charlie")
    bob, charlie = await board.sign_in("bob"), await board.sign_in("charlie")
    await read_on(board)
    (his, _), (charlies, _) = await board.open_now(bob), await board.open_now(charlie)
    (inside, _) = await board.open_now(bob, "cave")
    make("hall", kind="open")
    say(cave, "alice", "In the cave")
    assert await his.frame() == Frame(event="elsewhere", data="cave")
    assert await texts(inside, 1) == ["In the cave"]
    say(BOARD_PLACE, "alice", "For all")
    assert await texts(his, 1) == await texts(charlies, 1) == ["For all"]
    assert await inside.frame() == Frame(event="elsewhere", data="board")
    add(cave, "charlie")  # whose list of rooms changes, and nobody else's
    assert await charlies.frame() == Frame(event="elsewhere")
    await read_on(board)
    assert (his.unread(), charlies.unread()) == ([], [])
    change(cave, name="Grotto")  # of which all who are in it are shown another list
    for stream in (his, charlies):
        assert await stream.frame() == Frame(event="elsewhere")


@pytest.mark.parametrize("deed", ["delete", "make_private", "archive"])
async def test_whoever_is_in_a_room_is_hinted_at_when_it_ends_or_closes(
    board: Board, cave: Place, deed: str
) -> None:
    add_person("charlie")
    change(cave, kind="open", created_by=user_of("alice"))
    bob, charlie = await board.sign_in("bob"), await board.sign_in("charlie")
    await read_on(board)
    (his, _), (charlies, _) = await board.open_now(bob), await board.open_now(charlie)
    alice = user_of("alice")
    getattr(altering, deed)(Member(alice), Actor(Someone(alice, "alice")), "cave")
    assert await his.frame() == Frame(event="elsewhere")
    await read_on(board)
    assert charlies.unread() == []


async def test_hints_come_at_once_but_not_too_often(
    board: Board, cave: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = make("hall", "bob", kind="open")
    bob = await board.sign_in("bob")
    await read_on(board)
    stream, _ = await board.open_now(bob)
    say(cave, "alice", "One")
    assert await stream.frame() == Frame(event="elsewhere", data="cave")
    monkeypatch.setattr(streams, "HINTS", 1000.0)
    for text in ("Two", "Three"):
        say(cave, "alice", text)
        say(hall, "alice", text)
    await read_on(board)
    assert stream.unread() == []
    monkeypatch.setattr(streams, "HINTS", 0.0)
    assert await stream.frame() == Frame(event="elsewhere", data="cave hall")
    assert stream.unread() == []


async def test_what_was_read_on_one_page_is_hinted_at_on_the_others(
    board: Board, cave: Place
) -> None:
    add_person("charlie")
    bob, charlie = await board.sign_in("bob"), await board.sign_in("charlie")
    say(cave, "alice", "One")
    await read_on(board)
    (his, _), (charlies, _) = await board.open_now(bob), await board.open_now(charlie)
    await bob.post("/api/rooms/cave/read", data={"number": "1"})
    assert await his.frame() == Frame(event="elsewhere")
    if not db.on_sqlite():  # by another process
        streams_of_bob = board.hub.readers.of(BOARD)
        for each in streams_of_bob:
            each._hinted_at = float("-inf")
        with db.read():
            db.notify(str(user_of("bob")))
        assert await his.frame() == Frame(event="elsewhere")
    assert charlies.unread() == []


async def test_a_room_made_later_is_known_by_its_first_message(board: Board) -> None:
    bob = await board.sign_in("bob")
    stream, _ = await board.open_now(bob)
    place = make("later", "alice", "bob", kind="direct")
    say(place, "alice", "Hello")
    told = await stream.frame()
    assert told in {Frame(event="elsewhere"), Frame(event="elsewhere", data="later")}


async def test_what_else_changes_of_the_list_names_no_room() -> None:
    assert frames.elsewhere(["b", "a"]).data == "a b"
    assert frames.elsewhere(["b", ""]).data == ""
