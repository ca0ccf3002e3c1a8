"""The account page in a browser: what is chosen there counts at once."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.screenshots import keep_screenshot

GROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
DEVICES = {"phone": (390, 844), "wide": (1280, 800)}


def test_what_is_chosen_is_saved_and_seen_at_once(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", color_scheme="light")
    light = alice.evaluate(GROUND)
    alice.goto("/account")
    for label, choice in (
        ("Times are shown in", "Asia/Tokyo"),
        ("Clock", "12"),
        ("Colours", "dark"),
        ("Messages", "newest"),
    ):
        expect(alice.get_by_role("button", name="Save the look")).to_be_hidden()
        with alice.expect_response("**/api/account/*") as answered:
            alice.get_by_label(label, exact=True).select_option(choice)
        assert answered.value.ok
        expect(alice.locator("[data-saved]")).to_have_text("Saved.")
    dark = alice.evaluate(GROUND)
    assert dark != light
    alice.reload()
    assert alice.evaluate(GROUND) == dark
    expect(alice.get_by_label("Times are shown in")).to_have_value("Asia/Tokyo")
    expect(alice.get_by_label("Clock")).to_have_value("12")
    expect(alice.get_by_label("Messages", exact=True)).to_have_value("newest")
    alice.goto("/msgs")
    board.is_live(alice)
    assert alice.evaluate(GROUND) == dark


def test_pictures_of_the_account(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice")
    alice.goto("/account")
    for device, (width, height) in DEVICES.items():
        alice.set_viewport_size({"width": width, "height": height})
        keep_screenshot(alice, f"account-{device}")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Account")
