"""Confirming, and what is done to one's own account, in a browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.accounts import accounts
from service.data import db
from service.data.tables import Session
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.people import PASSWORD, add_person


def let_time_pass() -> None:
    """Let everybody have to confirm again."""
    with db.write():
        Session.update(confirmed_at=None).execute()


def confirm(page: Page, password: str = PASSWORD) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "none"])
def test_alice_confirms_takes_what_is_hers_and_goes(
    open_board: Callable[..., Page], faults: Faults, *, script: bool
) -> None:
    faults.allow("status of 4(03|22)")
    page = open_board("alice", java_script_enabled=script)
    if script:
        board.composer(page).fill("A draft that goes with her")
    page.goto("/account")
    let_time_pass()
    page.get_by_role("link", name="Export").click()
    confirm(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the zip").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.goto("/account")
    page.get_by_role("link", name="Delete the account").click()
    page.get_by_label("Delete them too").check()
    page.get_by_label("Type alice").fill("alice")
    let_time_pass()
    page.get_by_role("button", name="Delete my account").click()
    confirm(page, "wrong, surely")
    expect(page.get_by_text("That is not your current password.")).to_be_visible()
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is deleted")
    assert accounts.find("alice") is None
    if script:
        assert "draft" not in page.evaluate("JSON.stringify(localStorage)")


def test_alice_is_asked_in_place_of_the_board(
    open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 403")
    page = open_board("alice")
    let_time_pass()
    page.evaluate("htmx.ajax('POST', '/api/account/sessions/end', {target: '#composer'})")
    confirm(page)
    expect(page.get_by_label("Username")).to_be_visible()


def token_states(page: Page) -> Iterator[str]:
    page.goto("/account")
    page.get_by_role("link", name="Tokens").click()
    page.get_by_label("What it is for").fill("A name as long as one can be of fifty characters..")
    page.get_by_label("For how many days").fill("0")
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield "tokens with an error"
    page.get_by_label("For how many days").fill("30")
    page.get_by_label("Read, post, moderate").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("heading", name="The token is made")).to_be_visible()
    yield "a token that was made"
    page.locator("summary", has_text="Revoke").click()
    expect(page.get_by_text("it never works again")).to_be_visible()
    yield "the question whether to revoke a token"
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    yield "a revoked token"


@pytest.mark.shows("/account/tokens")
def test_the_pages_of_tokens_have_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    add_person("mo", "moderator")
    page = open_board("mo", reduced_motion="reduce")
    assert [wrong for name in token_states(page) for wrong in check(page, name)] == []


def test_a_token_is_made_and_copied(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 403")
    page = open_board("alice", permissions=["clipboard-read", "clipboard-write"])
    page.goto("/account/tokens")
    page.get_by_label("What it is for").fill("Notes")
    let_time_pass()
    page.get_by_role("button", name="Make a token").click()
    confirm(page)
    made = page.get_by_label("Token “Notes”").input_value()
    page.get_by_role("button", name="Copy the token").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == made
