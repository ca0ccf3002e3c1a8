"""What axe-core finds on the board, in both themes and two widths."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.data import db
from service.data.tables import User
from service.messages import writing
from service.people import people
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import LONG, check
from tests.browser.network import AWAY
from tests.people import Person, add_person


def board_states(page: Page) -> Iterator[str]:
    bob = add_person("Bartholomew Featherstonehaugh-Cholmondeley").id
    with db.write():
        User.update(display_name="The Right Honourable the Lord Featherstonehaugh").where(
            User.id == bob
        ).execute()
    page.goto("/msgs")
    board.is_live(page)
    yield "empty board"
    for text in ("One", LONG, "Two\nlines"):
        writing.post(bob, text)
    board.post(page, "Mine to edit")
    board.post(page, "Mine to delete")
    expect(board.message(page, "Two")).to_be_visible()
    yield "board"
    board.open_form(page, "Mine to edit", "Edit").get_by_role("textbox").fill("x" * 4001)
    board.open_form(page, "Mine to delete", "Delete")
    board.send(page, "x" * 4001)
    expect(page.locator("#composer-error")).not_to_be_empty()
    yield "board with open forms and an error"
    page.keyboard.press("Escape")
    board.open_menu(page)
    yield "board with open menu"
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "board with its shortcuts"


def search_states(page: Page) -> Iterator[str]:
    bob = add_person("bob").id
    for text in ("Lunch at one", f"Lunch {LONG}", "A lunch of https://example.com/lunch"):
        writing.post(bob, text)
    board.post(page, "My own lunch")
    board.find(page, "lunch")
    expect(page.locator("[data-found]")).to_have_text("4 messages found")
    yield "search"
    board.open_form(page, "My own lunch", "Edit").get_by_role("textbox").fill("Half an edit")
    board.find(page, "lunch from:nobody")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    yield "empty search with an edit that is kept"
    board.find(page, "lunch before:")
    expect(page.get_by_text("That search can't be read")).to_be_visible()
    yield "search that can't be read"
    board.open_filters(page)
    yield "search with its filters"
    page.keyboard.press("Escape")
    page.route("**/msgs?q=*", lambda route: route.abort(), times=1)
    board.find(page, "one")
    expect(page.get_by_text("could not be searched")).to_be_visible()
    yield "search that failed"
    page.goto("/msgs?q=lunch&before=4")
    expect(page.get_by_role("link", name="Newest messages found")).to_be_visible()
    yield "older matches"
    page.goto("/account")
    board.open_filters(page)
    yield "account with the search's filters"
    page.goto("/search?q=lunch+from:bob")
    expect(page.get_by_text("3 messages found")).to_be_visible()
    page.get_by_text("Words and filters").click()
    yield "search of all rooms"
    page.goto("/search?q=in:nowhere")
    expect(page.get_by_text("There is no room nowhere.")).to_be_visible()
    yield "search of all rooms that can't be read"


@pytest.mark.shows("/msgs", "/search")
def test_a_search_has_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422", *AWAY)
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in search_states(page) for wrong in check(page, name)] == []


def test_the_board_has_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in board_states(page) for wrong in check(page, name)] == []


def role_states(page: Page) -> Iterator[str]:
    """Go through what a moderator sees, who becomes a guest."""
    bob = add_person("bob").id
    unkind, _ = writing.post(bob, "Unkind").id, writing.post(bob, LONG)
    board.open_form(page, "Unkind", "Remove")
    yield "board with the question whether to remove"
    page.goto(f"/msgs/{unkind}/deletion")
    yield "the same as a page"
    page.get_by_role("button", name="Remove").click()
    board.composer(page).fill("Half a sentence")
    expect(board.message(page, "Removed by a moderator")).to_be_visible()
    moderator = accounts.find("mo")
    assert moderator
    people.set_role(OPERATOR, moderator.id, "guest")
    expect(page.get_by_text("You may read here.")).to_be_visible()
    yield "board of a guest"


def test_the_board_of_who_may_more_or_less_has_no_flaws(open_board: Callable[..., Page]) -> None:
    add_person("mo", "moderator")
    page = open_board("mo", reduced_motion="reduce")
    assert [wrong for name in role_states(page) for wrong in check(page, name)] == []


def signed_out_states(page: Page, elsewhere: Person) -> Iterator[str]:
    assert elsewhere.post("/api/account/sessions/end", json={}).is_success
    expect(page.locator("#signed-out")).to_be_visible()
    yield "signed-out board"
    board.composer(page).fill("One\nTwo")
    page.evaluate("document.getElementById('composer').submit()")  # as without JavaScript
    expect(page.get_by_label("What you wrote")).to_be_visible()
    yield "error with what was written"


def test_a_page_whose_session_has_ended_has_no_flaws(
    open_board: Callable[..., Page], program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 401", "htmx:sse:error")
    elsewhere, page = program("alice"), open_board("alice", reduced_motion="reduce")
    states = signed_out_states(page, elsewhere)
    assert [wrong for name in states for wrong in check(page, name)] == []
