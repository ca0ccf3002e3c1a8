"""What is unread, as open pages show it: read in one of them, it is read in all."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.accounts import accounts
from service.rooms.places import BOARD_PLACE
from tests.browser import board
from tests.unread.made import room, say

READ = "**/api/**/read"


def test_a_room_is_read_once_its_end_is_looked_at_and_the_tab_says_so(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice")
    open_board("bob")
    me, other = (accounts.find(name) for name in ("alice", "bob"))
    assert me
    assert other
    garden, talk = room("garden", me.id, other.id), room("talk", me.id, other.id, kind="direct")
    say(other.id, garden), say(other.id, talk), say(other.id, BOARD_PLACE)
    alice.goto("/account")
    expect(alice).to_have_title("(1) Account · Board")
    icon = alice.locator('link[rel="icon"]')
    assert "unread" in (icon.get_attribute("href") or "")
    rail = alice.get_by_role("navigation", name="Rooms")
    rail.get_by_role("link", name="bob").click()
    board.is_live(alice)
    expect(alice.get_by_role("link", name="bob")).not_to_contain_text("to read")
    rail.get_by_role("link", name="Garden").click()
    expect(rail.get_by_role("link", name="Garden")).not_to_contain_text("unread")
    expect(alice).to_have_title("• Garden · Board")
    rail.get_by_role("link", name="Board", exact=False).first.click()
    expect(alice).to_have_title("Board")
    assert "unread" not in (icon.get_attribute("href") or "")
