"""Threads with JavaScript off: read, answered, quoted, and left again."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.people import Person, post
from tests.threads.doing import replied

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]


def at(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(f"{path}$"))


def test_a_thread_is_opened_answered_and_left(
    open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow("status of 422")
    bob = program("bob")
    root = post(bob, "Lunch?")["id"]
    post(bob, "Another question")
    alice = open_board("alice", java_script_enabled=False)
    board.reach(alice, "Lunch?").get_by_role("link", name="Reply").click()
    at(alice, f"/msgs/{root}/thread#reply")
    pane = alice.get_by_role("complementary", name="Thread")
    expect(pane).to_contain_text("No replies yet")
    field = pane.get_by_role("textbox", name="Reply")
    field.fill("Noodles " * 600)
    pane.get_by_role("button", name="Reply").click()
    expect(pane.get_by_role("alert").filter(has_text="4000 characters")).to_be_visible()
    expect(field).to_have_value(re.compile("^Noodles Noodles"))
    field.fill("Noodles, at twelve")
    pane.get_by_role("button", name="Reply").click()
    reply = pane.locator("li article").filter(has_text="Noodles, at twelve")
    expect(reply).to_be_in_viewport()
    at(alice, rf"/msgs/{root}/thread#message-\d+")
    expect(pane).to_contain_text("1 reply")
    expect(board.message(alice, "Lunch?")).to_contain_text("1 reply, last ")
    pane.get_by_role("link", name="Close the thread").click()
    at(alice, f"/msgs#message-{root}")
    expect(pane).to_have_count(0)
    board.message(alice, "Lunch?").get_by_role("link", name="1 reply, last").click()
    expect(reply).to_be_visible()


def test_what_is_done_with_a_reply_leads_back_to_its_thread(
    open_board: OpenBoard, program: Program
) -> None:
    bob = program("bob")
    root = post(bob, "Lunch?")["id"]
    alice = open_board("alice", java_script_enabled=False)
    for text in ("Noodles", "Soup"):
        replied(program("alice"), root, text)
    alice.goto(f"/msgs/{root}/thread")
    pane = alice.get_by_role("complementary", name="Thread")
    soup = pane.locator("li article").filter(has_text="Soup")
    soup.hover()
    soup.get_by_role("link", name="Edit").click()
    alice.get_by_role("textbox", name="Edit your message").fill("Soup, then")
    alice.get_by_role("button", name="Save").click()
    expect(pane.locator("li .text")).to_have_text(["Noodles", "Soup, then"])
    soup.hover()
    soup.get_by_role("button", name="More").click()
    soup.get_by_role("link", name="Quote").click()
    field = pane.get_by_role("textbox", name="Reply")
    expect(field).to_have_value(re.compile("> Soup, then"))
    noodles = pane.locator("li article").filter(has_text="Noodles")
    noodles.hover()
    noodles.get_by_role("button", name="More").click()
    noodles.get_by_role("link", name="Delete").click()
    alice.get_by_role("button", name="Delete").click()
    expect(pane.locator("li .text")).to_have_text(["Soup, then"])
    alice.get_by_role("searchbox", name="Search messages").fill("soup")
    alice.keyboard.press("Enter")
    alice.get_by_role("link", name="Show in the thread").click()
    expect(pane.locator("li .text")).to_have_text(["Soup, then"])
