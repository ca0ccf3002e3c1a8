"""Whoever opens a stream is registered, then looked up, and only then told anything."""

from collections.abc import Collection

import pytest

from service.access import visible
from service.data import db
from service.data.tables import BOARD, Membership, Room
from tests.people import MEMBERS
from tests.streams import Board

pytestmark = [pytest.mark.anyio, MEMBERS]


async def test_a_stream_of_a_room_that_is_not_open_to_its_reader_is_not_there(board: Board) -> None:
    alice = await board.sign_in("alice")
    with db.write():
        Room.update(kind="private").where(Room.id == BOARD).execute()
        Membership.delete().where(Membership.room == BOARD).execute()
    refused = await alice.get("/api/events")
    assert (refused.status_code, refused.json()["status"]) == (404, 404)
    assert board.hub.readers.all() == []


async def test_who_begins_to_read_is_looked_up_once_registered(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await board.sign_in("alice")
    registered = []

    def look(room: int, users: Collection[int]) -> set[int]:
        registered.extend(each.me.name for each in board.hub.readers.of(room))
        return set(users)

    monkeypatch.setattr(visible, "readers", look)
    await board.open_now(alice)
    assert registered == ["alice"]
