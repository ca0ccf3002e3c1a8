"""Quoting a message: into the composer, below what is written there already."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.searching import is_told
from tests.people import Person, post
from tests.threads.doing import replied

OpenBoard = Callable[..., Page]


def quote(page: Page, text: str) -> None:
    board.reach(page, text).get_by_role("link", name="Quote").click()


def quote_found(page: Page, text: str) -> None:
    """Quote what a search in place has found, where its link is followed."""
    board.find(page, text)
    is_told(page, "One message found")
    quote(page, text)


def test_a_quote_joins_the_draft_and_one_writes_on_below(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    post(program("bob"), "From Bob")
    alice = open_board("alice")
    field = board.composer(alice)
    field.fill("Half a sentence")
    quote(alice, "From Bob")
    begins = re.compile(
        r"^Half a sentence\n\n> \*\*bob\*\* \[wrote\]\(http.*/msgs/1\):\n> From Bob"
    )
    expect(field).to_have_value(begins)
    expect(field).to_be_focused()
    alice.keyboard.type("Mine")
    alice.reload()
    expect(field).to_have_value(re.compile("> From Bob\n\nMine$"))
    alice.get_by_role("button", name="Send").click()
    sent = board.message(alice, "Half a sentence")
    expect(sent.locator("blockquote")).to_contain_text("From Bob")
    expect(sent.locator("blockquote a")).to_have_attribute("href", re.compile("/msgs/1$"))


def test_a_page_that_begins_with_a_quote_keeps_the_draft_and_quotes_once(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    post(program("bob"), "From Bob")
    alice = open_board("alice")
    field = board.composer(alice)
    field.fill("Half a sentence")
    quote_found(alice, "From Bob")
    whole = re.compile(r"^Half a sentence\n\n> .*\n> From Bob\n\n$")
    for _ in range(2):
        expect(field).to_have_value(whole)
        expect(alice).to_have_url(re.compile(r"/msgs#composer$"))
        alice.reload()


def test_a_thread_that_begins_with_a_quote_keeps_its_draft_and_that_of_the_room(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob = program("bob")
    post(bob, "Lunch?")
    replied(bob, 1, "Noodles")
    alice = open_board("alice")
    board.composer(alice).fill("In the room")
    alice.goto("/msgs/1/thread")
    field = alice.get_by_role("textbox", name="Reply", exact=True)
    field.fill("Half a sentence")
    quote_found(alice, "Noodles")
    for _ in range(2):
        expect(field).to_have_value(re.compile(r"^Half a sentence\n\n> .*\n> Noodles\n\n$"))
        expect(board.composer(alice)).to_have_value("In the room")
        expect(alice).to_have_url(re.compile(r"/msgs/1/thread#reply$"))
        alice.reload()
    alice.goto("/msgs?quote=99#composer")  # of none there is nothing to quote
    expect(alice).to_have_url(re.compile(r"/msgs#composer$"))
    expect(board.composer(alice)).to_have_value("In the room")


def test_without_a_script_a_link_leads_to_a_page_with_it(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    post(program("bob"), "From Bob")
    alice = open_board("alice", java_script_enabled=False)
    quote(alice, "From Bob")
    expect(board.composer(alice)).to_have_value(re.compile("> From Bob\n\n$"))
    expect(board.composer(alice)).to_be_in_viewport()
