"""Streams of rooms: what happens in one is told to who may read it, and to nobody else."""

from collections.abc import Callable

import pytest

from service.access.visible import Member
from service.base import clock
from service.data import db, events
from service.data.tables import BOARD, EVERYWHERE, EventCounter
from service.live import feed, frames, streams
from service.messages import messages, writing
from service.rooms.places import BOARD_PLACE, Place
from tests.people import MEMBERS, add_person
from tests.rooms.making import add, change, make, remove, say, say_all, user_of
from tests.streams import Board, Frame, texts, until

pytestmark = [pytest.mark.anyio, MEMBERS]
LEFT = Frame(event="left")


@pytest.fixture
def cave(board: Board) -> Place:
    """A private room of Alice's and Bob's."""
    return make("cave", "alice", "bob")


async def read_on(board: Board) -> None:
    """Let the hub read all that was written."""
    with db.read():
        now = events.newest()
    await board.hub.feed.as_far_as(now)


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
