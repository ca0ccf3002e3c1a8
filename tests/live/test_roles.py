"""A role that changes: open pages and streams are as their reader is now."""

import pytest

from service.data import db, events
from service.data.tables import EVERYWHERE, User
from service.messages import writing
from tests.people import HTMX, MEMBERS, give_role
from tests.streams import Board, Frame

pytestmark = [pytest.mark.anyio, MEMBERS]
LIST = {"accept": "text/html"} | HTMX


def change_elsewhere(name: str, role: str) -> Frame:
    """Give a role as another process does; return what its owner's page is told."""
    give_role(name, role)
    with db.write():
        events.append(EVERYWHERE, "user", User.get(User.username == name).id)
    return Frame(event="resync")


async def test_the_page_of_who_has_another_role_is_fetched_anew_and_shows_it(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    writing.post(2, "By Bob")
    ask = "/msgs?role=member&writing=composer"
    before = (await alice.get(ask, headers=LIST)).text
    (hers, _), (his, _) = await board.open_now(alice), await board.open_now(bob)
    resync = change_elsewhere("alice", "guest")
    assert await hers.rest() == [resync]
    after = (await alice.get(ask, headers=LIST)).text
    assert '<hx-partial hx-target="#composer"' not in before
    assert '<hx-partial hx-target="#composer"' in after
    assert "You may read here." in after
    assert 'name="role" value="guest"' in after
    change_elsewhere("alice", "moderator")
    for _ in range(2):
        assert await his.frame()  # what others see of her: by then this process knows, too
    again = (await alice.get("/msgs?role=member&writing=composer", headers=LIST)).text
    assert '<hx-partial hx-target="#composer"' not in again  # she may write, as that page has it
    assert 'href="/msgs/1/deletion"' in again
    assert (await bob.get("/msgs", headers=LIST)).text.count('href="/msgs/1/deletion"') == 1


@pytest.mark.parametrize("role", ["guest", "admin", "none"])
async def test_a_page_made_for_another_role_is_sent_for_its_list(board: Board, role: str) -> None:
    alice = await board.sign_in("alice")
    now = (await alice.get("/api/messages")).json()["cursor"]
    stream = await board.open(alice, f"{now}&role={role}")
    assert await stream.rest() == [Frame(event="resync")]
    stream = await board.open(alice, f"{now}&role=member")
    assert await stream.frame() == Frame(id=now)


async def test_a_stream_is_opened_as_its_reader_is_by_then(board: Board) -> None:
    """Whatever this process knew of them a moment ago."""
    alice = await board.sign_in("alice")
    now = (await alice.get("/api/messages")).json()["cursor"]
    give_role("alice", "moderator")
    stream = await board.open(alice, f"{now}&role=member")
    assert await stream.rest() == [Frame(event="resync")]
    stream = await board.open(alice, f"{now}&role=moderator")
    assert await stream.frame() == Frame(id=now)
    writing.post(2, "By Bob")
    frame = await stream.frame()
    assert frame
    assert 'href="/msgs/1/deletion"' in frame.data
