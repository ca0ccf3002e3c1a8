"""The frame around every page: the bar, the rail, and the page between them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.browser.flaws import SIDEWAYS
from tests.browser.screenshots import keep_screenshot
from tests.people import add_person

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
HIGHEST_BAR = 56  # pixels; with the composer 120 at most
SHIFTS = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().map((each) => each.value)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done([]), 500);
})"""


def test_wide_screens_have_a_rail_that_stays_as_it_was_left(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", viewport=WIDE)
    rail = alice.get_by_role("navigation", name="Rooms")
    expect(rail.get_by_role("link", name="Board")).to_be_visible()
    toggle = alice.get_by_role("button", name="List of rooms")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    toggle.click()
    expect(rail).to_be_hidden()
    alice.goto("/account")
    expect(rail).to_be_hidden()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    alice.reload()
    expect(rail).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_shifts_while_a_page_loads(
    open_board: Callable[..., Page], viewport: dict[str, int]
) -> None:
    bob = add_person("bob").id
    for number in range(60):
        writing.post(bob, f"Message {number}\n" * (20 if number % 9 == 0 else 1))
    alice = open_board("alice", viewport=viewport)
    slowly = alice.context.new_cdp_session(alice)  # what comes in parts is drawn in parts
    slowly.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    for path in ("/msgs", "/msgs/1/thread", "/account", "/msgs?q=message"):
        alice.goto(path)
        alice.wait_for_load_state("networkidle") if path == "/account" else board.is_live(alice)
        assert alice.evaluate(SHIFTS) == [], path


def test_a_phone_has_one_pane_and_a_search_that_opens(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", viewport=PHONE, has_touch=True, is_mobile=True)
    expect(alice.get_by_role("navigation", name="Rooms")).to_be_hidden()
    bar = alice.locator(".bar").bounding_box()
    assert bar
    assert bar["height"] <= HIGHEST_BAR
    resting = board.field(alice).bounding_box()
    assert resting
    assert resting["width"] <= HIGHEST_BAR
    board.field(alice).tap()
    keep_screenshot(alice, "frame-phone-search")
    opened = board.field(alice).bounding_box()
    assert opened
    assert opened["width"] > PHONE["width"] / 2
    assert alice.evaluate(SIDEWAYS) <= 0


def test_four_times_as_large_nothing_scrolls_sideways(open_board: Callable[..., Page]) -> None:
    # 1280 pixels at 400 % are 320 of CSS, by 256.
    alice = open_board("alice", viewport={"width": 320, "height": 256})
    for path in ("/msgs", "/account"):
        alice.goto(path)
        assert alice.evaluate(SIDEWAYS) <= 0
