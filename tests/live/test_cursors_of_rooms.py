"""Cursors of rooms: what happens in one moves none of those who do not see it."""

import pytest

from service.data import db, events
from service.data.tables import BOARD, EventCounter
from service.messages import messages
from service.rooms.places import BOARD_PLACE, Place
from tests.people import MEMBERS, add_person
from tests.rooms.making import add, make, remove, say, say_all
from tests.streams import Board, Frame, texts

pytestmark = [pytest.mark.anyio, MEMBERS]


async def test_a_page_is_never_too_old_for_what_others_say_elsewhere(
    board: Board, cave: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where memory does not reach back any more, the log does."""
    monkeypatch.setattr(events, "MAX_REPLAY", 5)
    bob = await board.sign_in("bob")
    start = (await bob.get("/api/messages")).json()["cursor"]
    say_all(BOARD_PLACE, "alice", ["One", "Two"])
    say_all(cave, "alice", map(str, range(12)))
    say(BOARD_PLACE, "alice", "Three")
    now = (await bob.get("/api/messages")).json()["cursor"]
    await board.hub.feed.as_far_as(board.hub.cursors.parse(now))
    stream = await board.open(bob, start)
    replayed = [await stream.frame() for _ in range(3)]
    assert [frame and frame.text for frame in replayed] == ["One", "Two", "Three"]
    assert replayed[-1]
    assert replayed[-1].id == now
    say(BOARD_PLACE, "alice", "Four")
    assert await texts(stream, 1) == ["Four"]


async def test_equal_fetches_have_equal_cursors_while_others_talk_elsewhere(
    board: Board, cave: Place
) -> None:
    add_person("charlie")
    charlie = await board.sign_in("charlie")
    addresses = ["/api/messages", "/api/messages?before=9", "/api/messages/all"]
    before = [(await charlie.get(each)).json() for each in addresses]
    start = before[0]["cursor"]
    followed = [f"/api/messages?after={start}", f"/api/messages/all?after={start}"]
    addresses += followed
    before += [(await charlie.get(each)).json() for each in followed]
    say(cave, "alice", "Between us")
    add(cave, "charlie")
    remove(cave, "charlie")
    remove(BOARD_PLACE, "bob")
    after = [(await charlie.get(each)).json() for each in addresses]
    assert after[0] == before[0]
    assert {each["cursor"] for each in before} == {start}
    say(BOARD_PLACE, "alice", "For all")
    assert (await charlie.get("/api/messages")).json()["cursor"] != start


async def test_a_program_follows_all_of_its_rooms(board: Board, cave: Place) -> None:
    add_person("charlie")
    bob, charlie = await board.sign_in("bob"), await board.sign_in("charlie")
    start = (await bob.get("/api/messages/all")).json()
    assert (start["events"], start["resync"]) == ([], False)
    say(cave, "alice", "One")
    say(BOARD_PLACE, "alice", "Two")
    asked = {"after": start["cursor"]}
    his = (await bob.get("/api/messages/all", params=asked)).json()
    assert [(each["room"], each["message"]["text"]) for each in his["events"]] == [
        *(("cave", "One"), ("board", "Two"))
    ]
    charlies = (await charlie.get("/api/messages/all", params=asked)).json()
    assert [each["message"]["text"] for each in charlies["events"]] == ["Two"]
    one = (await bob.get("/api/messages/all", params={"after": his["events"][0]["cursor"]})).json()
    assert one["events"] == his["events"][1:]


async def test_a_cursor_that_anybody_can_write_tells_nothing_of_other_rooms(board: Board) -> None:
    bob = await board.sign_in("bob")
    say_all(BOARD_PLACE, "alice", ["One", "Two"])
    with db.write():
        EventCounter.update(plain_until=1).execute()  # as if there had been no rooms till then
    epoch = messages.newest_cursor().epoch
    kept = {"after": f"{epoch}.1"}  # by a program of 0.5
    guessed = {"after": f"{epoch}.2"}
    assert (await bob.get("/api/messages", params=guessed)).json()["resync"]
    place = make("cave", "alice")
    say(BOARD_PLACE, "alice", "Three")
    told = (await bob.get("/api/messages", params=kept)).json()
    assert [each["message"]["text"] for each in told["events"]] == ["Two", "Three"]
    assert (await bob.get("/api/messages", params=guessed)).json()["resync"]
    stream = await board.open(bob, guessed["after"])
    assert await stream.rest() == [Frame(event="resync")]
    assert place.id != BOARD
