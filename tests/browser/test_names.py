"""A name that changes, in pages that are open."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import board

OpenBoard = Callable[..., Page]


def test_open_pages_show_a_new_name_at_once(open_board: OpenBoard) -> None:
    alice, bob = open_board("alice"), open_board("bob")
    board.post(alice, "Good morning")
    board.shows(bob, "Good morning")
    board.composer(bob).fill("Half a sentence")
    account = alice.context.new_page()
    account.goto("/account")
    account.get_by_label("Others see you as").fill("Ann Smith")
    account.get_by_role("button", name="Save the name").click()
    expect(account.get_by_role("status")).to_have_text("Your name is changed.")
    for page in (alice, bob):
        article = board.message(page, "Good morning")
        expect(article.locator(".author")).to_have_text("Ann Smith alice")
        expect(article.locator(".avatar")).to_have_text("AS")
    expect(alice.locator(".menu-name")).to_have_text("Ann Smith")
    expect(bob.locator(".menu-name")).to_have_text("bob")
    expect(board.composer(bob)).to_have_value("Half a sentence")
    board.post(alice, "And again")
    names = [bob.locator(".author").nth(number) for number in (0, 1)]
    for name in names:
        expect(name).to_have_text("Ann Smith alice")
