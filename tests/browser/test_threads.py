"""Threads in open pages: opened, answered and left beside the list, by two people."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser import board
from tests.browser.flaws import check
from tests.browser.threads import (
    PHONE,
    SHOWN,
    WIDE,
    OpenBoard,
    Program,
    composer,
    do,
    line,
    open_thread,
    pane,
    reply,
    send,
    shows,
)
from tests.people import post
from tests.threads.doing import replied

TOP = "article => Math.round(article.getBoundingClientRect().top)"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_one_replies_edits_and_deletes_the_other_sees_in_the_thread_and_its_count(
    open_board: OpenBoard, viewport: ViewportSize
) -> None:
    alice, bob = open_board("alice", viewport=viewport), open_board("bob", viewport=WIDE)
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    expect(pane(alice)).to_contain_text("No replies yet")
    expect(alice).to_have_url(re.compile("/msgs/1/thread#reply$"))
    board.message(bob, "Lunch?").wait_for()
    open_thread(bob, "Lunch?")
    send(bob, "Noodles")
    expect(composer(bob)).to_have_value("")
    expect(composer(bob)).to_be_focused()
    shows(alice, "Noodles")
    expect(line(bob)).to_contain_text("1 reply, last")
    send(bob, "Or soup")
    for page in (alice, bob):
        shows(page, "Noodles", "Or soup")
        expect(line(page)).to_contain_text("2 replies")
        expect(page.locator("#thread-count")).to_have_text("2 replies")
    form = do(bob, "Or soup", "Edit")
    form.get_by_role("textbox").fill("Or salad")
    form.get_by_role("button", name="Save").click()
    shows(alice, "Noodles", "Or salad")
    do(bob, "Noodles", "Delete").get_by_role("button", name="Delete").click()
    for page in (alice, bob):
        shows(page, "Or salad")
        expect(line(page)).to_contain_text("1 reply,")
        expect(page.locator("#thread-count")).to_have_text("1 reply")
    send(alice, "At noon")
    shows(bob, "Or salad", "At noon")
    alice.keyboard.press("Escape")
    alice.keyboard.press("Escape")
    expect(pane(alice)).to_have_count(0)
    board.shows(alice, "Lunch?")
    expect(board.message(alice, "Lunch?")).to_be_focused()
    alice.reload()
    board.is_live(alice)
    line(alice).get_by_role("link").click()
    shows(alice, "Or salad", "At noon")


def test_its_root_follows_the_message(open_board: OpenBoard, program: Program) -> None:
    alice, bob = open_board("alice", viewport=WIDE), program("bob")
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    replied(bob, 1, "Noodles")
    root = alice.locator("#thread-root")
    board.edit(alice, "Lunch?", "Lunch at noon?")
    expect(root.locator(".text")).to_have_text("Lunch at noon?")
    bob.post("/api/message/1/reaction", json={"emoji": "👍"})
    expect(root).to_contain_text("👍 1")
    board.open_form(alice, "Lunch at noon?", "Delete").get_by_role("button", name="Delete").click()
    expect(root).to_contain_text("Deleted by its author")
    shows(alice, "Noodles")


def test_what_its_author_deletes_goes_from_a_thread_without_replies(open_board: OpenBoard) -> None:
    alice, bob = open_board("alice", viewport=WIDE), open_board("bob", viewport=WIDE)
    board.post(alice, "A secret")
    board.message(bob, "A secret").wait_for()
    open_thread(bob, "A secret")
    composer(bob).fill("Half a reply")
    board.delete(alice, "A secret")
    expect(bob.locator("#thread-root")).to_contain_text("Deleted by its author")
    expect(pane(bob)).not_to_contain_text("A secret")
    expect(composer(bob)).to_have_value("Half a reply")


def test_the_oldest_reply_is_first_whatever_the_order_of_the_page(
    open_board: OpenBoard, program: Program
) -> None:
    alice, bob = open_board("alice", viewport=WIDE), program("bob")
    root = post(bob, "Lunch?")["id"]
    for text in ("One", "Two"):
        replied(bob, root, text)
    elsewhere = program("alice")
    assert elsewhere.post("/api/account/look", json={"order": "newest"}).is_success
    alice.goto(f"/msgs/{root}/thread")
    board.is_live(alice)
    replied(bob, root, "Three")
    shows(alice, "One", "Two", "Three")
    assert alice.locator("#board").get_attribute("data-order") == "newest-first"


def test_who_deletes_the_only_reply_is_still_in_the_thread(
    open_board: OpenBoard, program: Program
) -> None:
    alice = open_board("alice", viewport=WIDE)
    board.post(alice, "Lunch?")
    replied(program("alice"), 1, "Noodles")
    line(alice).get_by_role("link").click()
    do(alice, "Noodles", "Delete").get_by_role("button", name="Delete").click()
    shows(alice)
    expect(pane(alice).get_by_role("heading", name="Thread")).to_be_focused()


def test_on_a_phone_what_is_said_and_chosen_from_is_over_the_thread(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=PHONE)
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    line(alice).get_by_role("link").click()
    shows(alice, "Noodles")
    expect(board.message(alice, "Lunch?")).to_be_hidden()
    replied(bob, root, "Soup")
    expect(alice.get_by_role("status").filter(has_text="New reply from bob")).to_have_count(1)
    alice.keyboard.press("?")
    expect(alice.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    alice.keyboard.press("Escape")
    reply(alice, "Soup").locator(".more").click()
    reply(alice, "Soup").get_by_role("link", name="React").click()
    alice.get_by_role("dialog", name="React").get_by_role("button", name="heart").click()
    expect(reply(alice, "Soup").get_by_title("alice reacted with heart")).to_be_visible()
    alice.evaluate("document.dispatchEvent(new Event('left'))")
    told = alice.get_by_role("alert").filter(has_text="no longer in this room")
    expect(told).to_be_visible()
    told.get_by_role("link").click(trial=True)
    pane(alice).get_by_role("link", name="Close").click()
    expect(pane(alice)).to_have_count(0)
    expect(told).to_be_visible()


def test_older_replies_come_above_and_the_thread_holds_still(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    for number in range(55):
        replied(bob, root, f"Reply {number}")
    alice.goto(f"/msgs/{root}/thread")
    board.is_live(alice)
    expect(reply(alice, "Reply 54")).to_be_in_viewport()
    pane(alice).evaluate("pane => { pane.style.overflowAnchor = 'none'; }")  # as in Safari
    older, first = pane(alice).get_by_role("link", name="Older replies"), reply(alice, "Reply 7")
    older.scroll_into_view_if_needed()
    top = first.evaluate(TOP)
    older.click()
    expect(pane(alice).locator(SHOWN)).to_have_count(55)
    expect(older).to_have_count(0)
    assert first.evaluate(TOP) == top
    replied(bob, root, "One more")
    expect(reply(alice, "One more")).to_have_count(1)
    assert first.evaluate(TOP) == top


def test_a_thread_by_keyboard(open_board: OpenBoard, program: Program) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE, reduced_motion="reduce")
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    line(alice).wait_for()
    keys = alice.keyboard
    for key in "kr":
        keys.press(key)
    expect(composer(alice)).to_be_focused()
    keys.type("For me, too")
    keys.press("Shift+Enter")
    keys.type("At noon")
    keys.press("Enter")
    shows(alice, "Noodles", "For me, too\nAt noon")
    expect(composer(alice)).to_have_value("")  # the stream may be sooner than the answer
    keys.press("ArrowUp")
    expect(reply(alice, "For me, too").get_by_role("textbox")).to_be_focused()
    keys.press("Escape")
    expect(reply(alice, "For me, too")).to_be_focused()
    keys.press("k")
    expect(reply(alice, "Noodles")).to_be_focused()
    keys.press("r")
    expect(composer(alice)).to_be_focused()
    for _ in range(2):
        keys.press("Escape")
    expect(pane(alice)).to_have_count(0)
    expect(board.message(alice, "Lunch?")).to_be_focused()


@pytest.mark.shows("/msgs/{message_id}/thread")
def test_axe_finds_nothing_in_an_open_thread(open_board: OpenBoard, program: Program) -> None:
    bob, alice = program("bob"), open_board("alice", reduced_motion="reduce")
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles, and " + "much " * 40)
    line(alice).wait_for()
    open_thread(alice, "Lunch?")
    send(alice, "Soup")
    expect(composer(alice)).to_have_value("")
    assert check(alice, "thread") == []
