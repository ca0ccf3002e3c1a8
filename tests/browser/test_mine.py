"""Confirming, and what is done to one's own account, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.accounts import accounts
from service.data import db
from service.data.tables import Session
from tests.browser import board
from tests.browser.faults import Faults
from tests.people import PASSWORD


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
