"""Threads as somebody opens and answers them in a page."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser import board
from tests.people import Person

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SHOWN = ".replies .text"

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]


def pane(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Thread")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Reply", exact=True)


def line(page: Page) -> Locator:
    """Return what a message says of its thread."""
    return page.locator("#messages .thread-line")


def open_thread(page: Page, text: str) -> Locator:
    """Open the thread of a message with what can be done with it, and return the pane."""
    article = board.message(page, text)
    article.hover()
    link = article.get_by_role("link", name="Reply to the message")
    if not link.is_visible():
        article.locator(".more").click()
    link.click()
    expect(composer(page)).to_be_focused()
    return pane(page)


def send(page: Page, text: str) -> None:
    composer(page).fill(text)
    pane(page).get_by_role("button", name="Reply", exact=True).click()


def shows(page: Page, *texts: str) -> None:
    """Wait until the thread shows exactly these replies, from the top."""
    expect(pane(page).locator(SHOWN)).to_have_text(list(texts))


def reply(page: Page, text: str) -> Locator:
    return page.locator(".replies article").filter(has_text=text)


def do(page: Page, text: str, action: str) -> Locator:
    """Open the form to edit or delete a reply, and return it."""
    article = reply(page, text)
    article.hover()
    article.locator(":is(.more, .action-rest):visible").click()
    article.get_by_role("link", name=action).click()
    return article.locator(".slot form")
