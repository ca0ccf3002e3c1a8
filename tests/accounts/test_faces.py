"""What others see of people, told to open pages and to programs."""

import pytest

from service.data import db, events
from service.data.tables import EVERYWHERE, User
from service.messages import writing
from tests.people import MEMBERS
from tests.streams import Board, Frame

pytestmark = [pytest.mark.anyio, MEMBERS]


def change(user_id: int, **values: str | None) -> None:
    """Change what others see of somebody, as who does so writes it."""
    with db.write():
        User.update(values).where(User.id == user_id).execute()
        events.append(EVERYWHERE, "user", user_id)


async def test_a_new_name_reaches_everybody_and_sends_its_owners_page_for_a_new_list(
    board: Board,
) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    (hers, start), (his, _) = await board.open_now(alice), await board.open_now(bob)
    change(1, display_name="Ann <3")
    assert await hers.rest() == [Frame(event="resync")]
    told = await his.frame()
    assert told
    assert "hx-target=\"[data-author='1'] .author\"" in told.data
    assert "Ann &lt;3 <small>alice</small></hx-partial>" in told.data
    answer = (await bob.get("/api/messages", params={"after": start})).json()
    user = {"id": 1, "username": "alice", "display_name": "Ann <3", "role": "member"}
    (told,) = answer["events"]
    assert told == {"cursor": answer["cursor"], "kind": "user", "room": None, "id": 1, "user": user}


async def test_a_replay_ends_with_the_newest_name(board: Board) -> None:
    """A message that was posted between two names was read with the first of them."""
    bob = await board.sign_in("bob")
    watching, start = await board.open_now(bob)
    for name in ("Ann", "Anna"):
        change(1, display_name=name)
        writing.post(1, f"By {name}")
        for _ in range(2):
            await watching.frame()
    change(1, display_name="Annabel")
    await watching.frame()
    replay = await board.open(bob, start)
    told = [await replay.frame() for _ in range(3)]
    assert ["Annabel" in frame.data for frame in told if frame] == [False, False, True]
