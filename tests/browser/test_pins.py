"""Pins in open pages: put up and taken away by the menu, and listed beside the messages."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.people import Person, post

OpenBoard = Callable[..., Page]


def press(page: Page, text: str, name: str) -> None:
    """Do something of the menu of a message."""
    board.reach(page, text).get_by_role("button", name=name, exact=False).click()


def test_what_one_pins_the_other_sees_in_the_list_and_beside_it(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    alice, bob = open_board("alice"), open_board("bob")
    for text in ("One", "Two"):
        board.post(alice, text)
    bob.get_by_role("link", name="Pinned messages").click()
    pane = bob.get_by_role("complementary", name="Pinned messages")
    expect(pane).to_contain_text("Nothing is pinned here")
    board.is_live(bob)
    press(alice, "One", "Pin the message")
    expect(board.message(alice, "One")).to_contain_text("Pinned by alice")
    expect(board.message(alice, "One")).to_be_focused()
    expect(board.message(bob, "One")).to_contain_text("Pinned by alice")
    expect(pane.locator("li")).to_contain_text(["One"])
    press(alice, "Two", "Pin the message")
    expect(pane.locator("li")).to_contain_text(["Two", "One"])

    pane.locator("li").first.get_by_role("button", name="Unpin").click()
    expect(pane.locator("li")).to_contain_text(["One"])
    expect(board.message(alice, "Two")).not_to_contain_text("Pinned")
    board.delete(alice, "One")
    expect(pane).to_contain_text("Nothing is pinned here")
    pane.get_by_role("link", name="Close").click()
    expect(pane).to_have_count(0)


def test_without_a_script_a_pin_is_put_up_listed_and_taken_away(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    post(program("bob"), "One")
    alice = open_board("alice", java_script_enabled=False)
    press(alice, "One", "Pin the message")
    expect(board.message(alice, "One")).to_contain_text("Pinned by alice")
    alice.get_by_role("link", name="Pinned messages").click()
    pane = alice.get_by_role("complementary", name="Pinned messages")
    pane.get_by_role("link", name="Show in the room").click()
    expect(board.message(alice, "One")).to_be_in_viewport()
    alice.go_back()
    pane.get_by_role("button", name="Unpin").click()
    expect(board.message(alice, "One")).not_to_contain_text("Pinned")
