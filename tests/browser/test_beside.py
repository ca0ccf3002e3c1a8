"""What opens beside the list comes without a new page, and goes without a trace."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from service.messages import writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.network import AWAY, LateAnswers
from tests.people import add_person

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
MANY = 60
SETTLED = 300  # milliseconds, after which a page has seen where it is, and what came
# The message at the top of the screen, and how far below the bar it ends.
FIRST = """() => {
  const ends = (article) => Math.round(article.getBoundingClientRect().bottom);
  const first = [...document.querySelectorAll("#messages article")].find((each) => ends(each) > 64);
  return [first.id, ends(first)];
}"""
STAYED = "window.isTheSamePage === true"

OpenBoard = Callable[..., Page]


def pins(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Pinned messages")


def title(page: Page) -> Locator:
    return pins(page).get_by_role("heading", name="Pinned messages")


def link(page: Page) -> Locator:
    return page.get_by_role("link", name="Pinned messages")


def click(page: Page, target: Locator) -> None:
    """Click with the mouse alone: Playwright scrolls to what is in view already."""
    box = target.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def open_pins(page: Page) -> Locator:
    """Open the list of pins by its link, and return it."""
    page.evaluate("window.isTheSamePage = true")
    click(page, link(page))
    expect(title(page)).to_be_focused()
    return pins(page)


def is_alone(page: Page) -> None:
    expect(pins(page)).to_have_count(0)
    expect(page).to_have_url(re.compile("/msgs$"))
    assert page.evaluate(STAYED)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_comes_in_place_and_its_link_escape_and_back_close_it(
    open_board: OpenBoard, viewport: ViewportSize
) -> None:
    alice = open_board("alice", viewport=viewport)
    board.composer(alice).fill("Half a message")
    closes = (
        lambda: pins(alice).get_by_role("link", name="Close").click(),
        lambda: alice.keyboard.press("Escape"),
        alice.go_back,
    )
    for close in closes:
        open_pins(alice)
        expect(alice).to_have_url(re.compile("/msgs/pins$"))
        expect(alice).to_have_title(re.compile("^Pinned messages · "))
        close()
        is_alone(alice)
        expect(link(alice)).to_be_focused()
        expect(alice).not_to_have_title(re.compile("Pinned"))
    alice.go_forward()
    expect(title(alice)).to_be_focused()
    alice.keyboard.press("Escape")
    is_alone(alice)
    expect(board.composer(alice)).to_have_value("Half a message")


def test_a_reload_shows_what_the_address_says(open_board: OpenBoard) -> None:
    alice = open_board("alice", viewport=WIDE)
    open_pins(alice)
    alice.reload()
    board.is_live(alice)
    expect(pins(alice)).to_be_visible()
    expect(alice).to_have_title(re.compile("^Pinned messages · "))
    alice.evaluate("window.isTheSamePage = true")
    alice.keyboard.press("Escape")
    is_alone(alice)
    alice.goto("/msgs/pins")
    board.is_live(alice)
    alice.evaluate("window.isTheSamePage = true")
    pins(alice).get_by_role("link", name="Close").click()
    is_alone(alice)
    expect(link(alice)).to_be_focused()
    alice.reload()
    expect(pins(alice)).to_have_count(0)


def test_with_ctrl_it_is_a_link_as_any_other(open_board: OpenBoard) -> None:
    alice = open_board("alice", viewport=WIDE)
    with alice.context.expect_page() as opened:
        link(alice).click(modifiers=["ControlOrMeta"])
    expect(pins(opened.value)).to_be_visible()
    expect(pins(alice)).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "words"),
    [(None, "Check the network"), (404, "could not be opened"), (429, "Too many, wait.")],
)
def test_what_keeps_it_from_opening_is_told_in_words(
    open_board: OpenBoard, faults: Faults, status: int | None, words: str
) -> None:
    faults.allow(*AWAY, f"status of {status}")
    alice = open_board("alice", viewport=WIDE, reduced_motion="reduce")
    board.composer(alice).fill("Half a message")
    alice.evaluate("window.isTheSamePage = true")
    said = '<div class="notice" data-words>Too many, wait.</div>' if status == 429 else "<p>?</p>"

    def answer(route: Route) -> None:
        if status:
            route.fulfill(status=status, body=said, content_type="text/html")
        else:
            route.abort()

    alice.route("**/msgs/pins", answer, times=1)
    link(alice).click()
    told = alice.get_by_role("alert").filter(has_text=words)
    expect(told).to_be_visible()
    is_alone(alice)
    expect(board.composer(alice)).to_have_value("Half a message")
    assert check(alice, "pane that did not open") == []
    alice.set_viewport_size(WIDE)
    open_pins(alice)
    expect(told).to_have_count(0)


def test_one_that_was_closed_before_it_came_stays_away(open_board: OpenBoard) -> None:
    alice = open_board("alice", viewport=WIDE)
    open_pins(alice)
    alice.go_back()
    is_alone(alice)
    late = LateAnswers(alice, "**/msgs/pins")
    alice.go_forward()
    late.wait()
    alice.go_back()
    late.let_go()
    alice.wait_for_timeout(SETTLED)
    is_alone(alice)


def test_what_closes_it_twice_at_once_leads_no_further_back(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    open_pins(alice)
    alice.evaluate(
        """() => {
          const press = () => document.body.dispatchEvent(
            new KeyboardEvent("keydown", {key: "Escape", bubbles: true, cancelable: true}));
          document.activeElement.blur();
          press(), press();
        }"""
    )
    alice.wait_for_timeout(SETTLED)
    is_alone(alice)


def test_one_that_comes_after_a_search_stays_away(open_board: OpenBoard) -> None:
    alice = open_board("alice", viewport=WIDE)
    board.post(alice, "Lunch at noon")
    late = LateAnswers(alice, "**/msgs/pins")
    link(alice).click()
    late.wait()
    board.find(alice, "lunch")
    expect(alice).to_have_url(re.compile(r"/msgs\?q=lunch$"))
    late.let_go()
    alice.wait_for_timeout(SETTLED)
    expect(pins(alice)).to_have_count(0)
    expect(alice).to_have_url(re.compile(r"/msgs\?q=lunch$"))


def test_the_list_holds_still_beside_it(open_board: OpenBoard) -> None:
    charlie = add_person("charlie").id
    for number in range(MANY):
        writing.post(charlie, f"Message {number} " + "with many words that take lines " * 9)
    alice = open_board("alice", viewport=WIDE)
    expect(board.message(alice, f"Message {MANY - 1} ")).to_be_in_viewport()
    open_pins(alice)
    expect(board.message(alice, f"Message {MANY - 1} ")).to_be_in_viewport()
    alice.keyboard.press("Escape")
    alice.evaluate("scrollBy(0, -1200)")
    alice.wait_for_timeout(SETTLED)
    first = alice.evaluate(FIRST)
    open_pins(alice)
    assert alice.evaluate(FIRST) == first
    alice.keyboard.press("Escape")
    is_alone(alice)
    assert alice.evaluate(FIRST) == first


def test_a_search_closes_it(open_board: OpenBoard) -> None:
    alice = open_board("alice", viewport=PHONE)
    board.post(alice, "Lunch at noon")
    board.post(alice, "Dinner")
    open_pins(alice)
    board.find(alice, "lunch")
    board.shows(alice, "Lunch at noon")
    expect(pins(alice)).to_have_count(0)
    expect(board.field(alice)).to_be_focused()
    expect(alice).to_have_url(re.compile(r"/msgs\?q=lunch$"))
    alice.go_back()
    board.shows(alice, "Lunch at noon", "Dinner")
    expect(pins(alice)).to_be_visible()
    expect(alice).to_have_url(re.compile("/msgs/pins$"))
