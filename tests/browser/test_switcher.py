"""The way to another room by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.accounts import accounts
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.network import AWAY
from tests.people import add_person
from tests.unread.made import room

OpenBoard = Callable[..., Page]


@pytest.fixture
def page(open_board: OpenBoard) -> Page:
    """Return the board of Alice, who is in the garden and talks with Bob."""
    page = open_board("alice", reduced_motion="reduce")
    me, bob = accounts.find("alice"), add_person("bob")
    assert me
    room("garden", me.id, bob.id)
    room("garage", me.id, kind="private")
    room("chat", me.id, bob.id, kind="direct")
    return page


def test_alice_goes_to_a_room_while_she_writes_and_her_text_stays(page: Page) -> None:
    board.composer(page).fill("Half a sentence")
    page.keyboard.press("Control+K")
    dialog = page.get_by_role("dialog", name="Go to a room or somebody")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    expect(dialog.get_by_role("link", name="Garage")).to_be_visible()
    page.keyboard.type("garde")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/rooms/garden$"))
    page.go_back()
    expect(board.composer(page)).to_have_value("Half a sentence")


def test_the_arrows_choose_and_escape_goes_back(page: Page) -> None:
    board.composer(page).focus()
    page.keyboard.press("Control+K")
    dialog = page.get_by_role("dialog")
    page.keyboard.type("ga")
    expect(dialog.get_by_role("link")).to_have_count(2)
    garage, garden = (dialog.get_by_role("link", name=name) for name in ("Garage", "Garden"))
    for key, place in (
        *(("ArrowDown", garage), ("ArrowDown", garden), ("ArrowDown", garden)),
        *(("ArrowUp", garage), ("ArrowUp", dialog.get_by_role("textbox")), ("Tab", garage)),
    ):
        page.keyboard.press(key)
        expect(place).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(board.composer(page)).to_be_focused()


def test_it_opens_from_the_menu_of_any_page_and_finds_people(page: Page) -> None:
    page.goto("/account")
    board.open_menu(page)
    page.get_by_role("button", name="Go to a room").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("bob")
    expect(dialog.locator(".rail-item")).to_have_count(2)
    expect(dialog.locator('[href="/direct/new?to=bob"]')).to_be_visible()
    dialog.get_by_role("textbox").press("Enter")
    expect(page).to_have_url(re.compile("/rooms/chat$"))


def test_it_is_switched_off_with_the_other_keys_and_needs_no_more_than_them(page: Page) -> None:
    for key in ("Control+Shift+K", "Control+Alt+K", "Meta+K"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.goto("/rooms")
    page.keyboard.press("Control+K")
    expect(page.get_by_role("searchbox", name="The beginning of a name")).to_be_focused()
    page.goto("/account")
    page.get_by_label("Use keyboard shortcuts").uncheck()
    page.keyboard.press("Control+K")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_it_has_no_flaws_and_says_when_it_fails(page: Page, faults: Faults) -> None:
    faults.allow(*AWAY)
    page.keyboard.press("Control+K")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Garden")).to_be_visible()
    assert check(page, "switcher") == []
    page.route("**/rooms?q=x", lambda route: route.abort())
    dialog.get_by_role("textbox").fill("x")
    expect(dialog.get_by_text("could not be looked up")).to_be_visible()
    assert check(page, "switcher that failed") == []


def test_what_is_above_the_found_stays_in_its_place_on_a_phone(
    open_board: Callable[..., Page],
) -> None:
    page = open_board("alice", viewport={"width": 320, "height": 700})
    page.keyboard.press("Control+k")
    page.locator("#switcher .rail-item").first.wait_for()
    field, close = page.locator("#switcher-q"), page.get_by_role("button", name="Close")
    before = field.bounding_box()
    page.keyboard.type("zzzz")
    page.get_by_text("No room and nobody").wait_for()
    assert field.bounding_box() == before
    box = close.bounding_box()
    assert box
    assert box["height"] < box["width"]  # its word is on one line
