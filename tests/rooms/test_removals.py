"""Who is removed from a room never reads what is written there afterwards."""

import os
import random

import pytest

from service.access.visible import Member
from service.messages import messages, writing
from service.rooms.places import Place
from tests.people import MEMBERS
from tests.rooms.making import add, make, remove, say, user_of
from tests.streams import Board, Frame

pytestmark = [pytest.mark.anyio, MEMBERS]
ROUNDS = int(os.environ.get("REMOVALS", "6"))
LEFT = Frame(event="left")


async def test_no_text_from_after_a_removal_reaches_who_was_removed(board: Board) -> None:
    place, bob, chance = make("cave", "alice", "bob"), await board.sign_in("bob"), random.Random(7)
    for number in range(ROUNDS):
        stream = await board.open(bob, board.newest("cave"), room="cave")
        confirmed = await stream.frame()
        assert confirmed
        assert confirmed.id
        if chance.random() < 1 / 2:  # the reader stalls
            stream.reading.clear()
        write_around_removal(board, place, number, chance)
        stream.reading.set()
        assert_clean(await stream.rest())
        refused = await bob.get("/api/events", params={"room": "cave"})
        assert refused.status_code == 404
        await board.hub.feed.as_far_as(messages.newest_cursor(place.id))
        add(place, "bob")


def write_around_removal(board: Board, place: Place, number: int, chance: random.Random) -> None:
    """Post, remove Bob, post and edit; the hub may look at any moment."""
    posted = say(place, "alice", f"before {number}")
    maybe_wake(board, chance)
    remove(place, "bob")
    maybe_wake(board, chance)
    say(place, "alice", f"after {number}")
    writing.edit(Member(user_of("alice")), posted.id, f"after, edited {number}", room=place.id)
    board.hub.feed.wake()


def maybe_wake(board: Board, chance: random.Random) -> None:
    if chance.random() < 1 / 2:
        board.hub.feed.wake()


def assert_clean(told: list[Frame]) -> None:
    assert told[-1] == LEFT
    assert [frame.data for frame in told if "after" in frame.data] == []
