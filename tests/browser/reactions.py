"""Reactions as somebody puts them in a page."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import board
from tests.people import Person

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]
NAMES = {"👍": "thumbs up", "🎉": "party", "❤": "heart", "👎": "thumbs down"}
PHONE = {"viewport": {"width": 390, "height": 740}, "is_mobile": True, "has_touch": True}


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="React")


def chip(page: Page, text: str, *who: str, emoji: str = "👍") -> Locator:
    """Return the button under a message that says who put an emoji there."""
    name = f"{' and '.join(who)} reacted with {NAMES[emoji]}"
    return board.message(page, text).get_by_role("button", name=name, exact=True)


def open_palette(page: Page, text: str) -> None:
    board.message(page, text).hover()
    board.message(page, text).get_by_role("link", name="React").click()
    expect(palette(page)).to_be_visible()


def put(page: Page, text: str, emoji: str = "👍") -> None:
    open_palette(page, text)
    palette(page).get_by_role("button", name=NAMES[emoji], exact=True).click()
    expect(palette(page)).to_be_hidden()


def is_pressed(button: Locator, pressed: bool = True) -> None:
    expect(button).to_have_attribute("aria-pressed", str(pressed).lower())
