"""Joining in a browser: Ada invites, Bob joins and writes, with scripts and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.screenshots import keep_screenshot
from tests.people import PASSWORD, add_person

DEVICES = {"phone": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 800}}


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "none"])
def test_bob_is_invited_joins_and_writes(
    open_board: Callable[..., Page], new_page: Callable[..., Page], *, script: bool
) -> None:
    add_person("ada", "admin")
    ada = open_board("ada", java_script_enabled=script, viewport=DEVICES["wide"])
    ada.goto("/admin/invites")
    ada.get_by_label("Note").fill("For Bob")
    ada.get_by_role("button", name="Make an invitation").click()
    link = ada.get_by_label("Link").input_value()
    assert link.startswith("http://" if script else "/join?code=")

    keep_screenshot(ada, f"invites-{script}")

    options = {"viewport": DEVICES["phone"], "timezone_id": "Asia/Tokyo"}
    bob = new_page(java_script_enabled=script, **options)
    bob.goto(link)
    expect(bob.get_by_role("heading", level=1)).to_have_text("Join Board")
    keep_screenshot(bob, f"join-{script}")
    bob.get_by_label("Username", exact=True).fill("Bob")
    bob.get_by_label("Password,").fill(PASSWORD)
    if script:
        bob.get_by_label("Show the password").check()
        expect(bob.get_by_label("Password,")).to_have_attribute("type", "text")
    else:
        bob.get_by_label("Time zone").select_option("Asia/Tokyo")
    bob.get_by_role("button", name="Join").click()
    expect(bob).to_have_url(re.compile("/msgs$"))
    board.send(bob, "Hello, I am new here")
    expect(board.message(bob, "I am new")).to_be_visible()

    ada.goto("/admin/invites")
    expect(ada.get_by_text("There are none.")).to_be_visible()
    ada.goto("/msgs")
    expect(board.message(ada, "I am new")).to_be_visible()
