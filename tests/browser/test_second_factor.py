"""A second factor in a browser: set up, asked for, recovered, and a duty."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.access import audit, options
from service.data import db
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.factors.apps import App
from tests.people import PASSWORD, add_person


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def key(page: Page) -> App:
    return App(page.get_by_label("Key", exact=True).input_value().replace(" ", ""))


def set_up(page: Page) -> tuple[App, list[str]]:
    """Set an app up on the page that offers it; return it with the recovery codes."""
    app = key(page)
    page.get_by_label("Code that the app shows").fill(app.code())
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    return app, page.get_by_label("Your recovery codes").input_value().split()


def oblige() -> None:
    with db.write():
        options.set(audit.OPERATOR, "second_factor", "everybody")


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "none"])
def test_alice_signs_in_with_a_code_and_with_a_recovery_code(
    open_board: Callable[..., Page],
    new_page: Callable[..., Page],
    faults: Faults,
    *,
    script: bool,
) -> None:
    faults.allow("status of 422")
    page = open_board("alice", java_script_enabled=script)
    page.goto("/account")
    page.get_by_role("link", name="Set up a second factor").click()
    app, codes = set_up(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a text file").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    assert download.value.path().read_text().split()[-10:] == codes
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 are left.")).to_be_visible()
    another = new_page(java_script_enabled=script)
    sign_in(another)
    expect(another.get_by_role("heading", level=1)).to_have_text("Second step")
    another.get_by_label("Code of your app").fill("000000")
    another.get_by_role("button", name="Sign in", exact=True).click()
    expect(another.get_by_role("alert")).to_contain_text("That code is wrong.")
    another.get_by_label("Code of your app").fill(app.code(1))
    another.get_by_role("button", name="Sign in", exact=True).click()
    expect(another).to_have_url(re.compile("/msgs$"))
    third = new_page(java_script_enabled=script)
    sign_in(third)
    third.get_by_text("Use a recovery code").click()
    third.get_by_label("Recovery code", exact=True).fill(codes[0].lower())
    third.get_by_role("button", name="Sign in with the recovery code").click()
    expect(third.get_by_text("You have signed in with a recovery code")).to_be_visible()
    expect(third.get_by_text("9 are left.")).to_be_visible()


def test_an_open_board_leads_to_the_duty_and_comes_back(open_board: Callable[..., Page]) -> None:
    page = open_board("alice")
    board.composer(page).fill("Half a thought")
    oblige()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    expect(page.get_by_text("This board asks you for a second factor")).to_be_visible()
    set_up(page)
    page.goto("/msgs")
    board.is_live(page)
    expect(board.composer(page)).to_have_value("Half a thought")


def states(page: Page, another: Page) -> Iterator[tuple[Page, str]]:
    page.goto("/account/second")
    page.get_by_label("Code that the app shows").fill("12345")
    page.get_by_role("button", name="Set up").click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    yield page, "second factor offered, with an error"
    _, codes = set_up(page)
    yield page, "recovery codes"
    page.get_by_role("link", name="I have kept them").click()
    yield page, "second factor"
    page.goto("/account")
    yield page, "account with a second factor"
    sign_in(another)
    expect(another.get_by_role("heading", level=1)).to_have_text("Second step")
    yield another, "second step"
    another.get_by_text("Use a recovery code").click()
    another.get_by_label("Recovery code", exact=True).fill("a wrong one")
    another.get_by_role("button", name="Sign in with the recovery code").click()
    expect(another.get_by_role("alert")).to_be_visible()
    yield another, "second step with an error"
    assert codes


def administration(page: Page) -> Iterator[tuple[Page, str]]:
    page.goto("/admin/people")
    yield page, "people with a second factor"
    page.get_by_role("link", name="alice").click()
    page.locator("summary", has_text="Reset the second factor").click()
    expect(page.get_by_role("button", name="Reset the second factor")).to_be_visible()
    yield page, "a person with a second factor"


@pytest.mark.shows("/account/second", "/second")
def test_its_pages_have_no_flaws(
    open_board: Callable[..., Page], new_page: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 422")
    pages = open_board("alice", reduced_motion="reduce"), new_page(reduced_motion="reduce")
    assert [wrong for page, name in states(*pages) for wrong in check(page, name)] == []
    add_person("ada", "admin")
    admin = open_board("ada", reduced_motion="reduce")
    assert [wrong for page, name in administration(admin) for wrong in check(page, name)] == []
