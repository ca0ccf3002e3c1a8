"""The board as the tests look at it: what a page shows, and what people do on it."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.people import PASSWORD

TIMEOUT = 30_000  # milliseconds; the machine may be busy
POLL = 0.05  # seconds

LIST = """() => [...document.querySelectorAll("#messages > li")].map((item) => [
  Number(item.dataset.id),
  item.querySelector(".text").textContent,
  Boolean(item.querySelector(".edited")),
])"""

Shown = list[tuple[int, str, bool]]


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("Live")


def shown(page: Page) -> Shown:
    """Return what the list shows, from the top: id, text, and whether it is marked as edited."""
    return [(number, text, edited) for number, text, edited in page.evaluate(LIST)]


def texts(page: Page) -> list[str]:
    return [text for _, text, _ in shown(page)]


def shows(page: Page, *expected: str) -> None:
    """Wait until the list shows exactly these texts, from the top."""
    expect(page.locator("#messages .text")).to_have_text(list(expected))


def shows_what_a_reload_shows(page: Page) -> Shown:
    """Check the page against itself, freshly loaded; return what it shows."""
    before = shown(page)
    page.reload()
    is_live(page)
    assert before == shown(page)
    return before


def message(page: Page, text: str) -> Locator:
    return page.locator("#messages article").filter(has_text=text)


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def send(page: Page, text: str) -> None:
    """Write into the composer and send it with its button."""
    composer(page).fill(text)
    page.get_by_role("button", name="Send").click()


def post(page: Page, text: str) -> None:
    """Send a message and wait until it is in the list and the composer is empty."""
    send(page, text)
    expect(message(page, text)).to_be_visible()
    expect(composer(page)).to_have_value("")


def reach(page: Page, text: str) -> Locator:
    """Open all that can be done with a message, by the one button that does; return the message."""
    article = message(page, text)
    article.hover()
    article.locator(":is(.more, .action-rest):visible").click()
    return article


def open_form(page: Page, text: str, action: str) -> Locator:
    """Open the form to edit or delete a message and return it."""
    article = reach(page, text)
    article.get_by_role("link", name=re.compile(f"^{action}")).click()  # another tells of an edit
    form = article.locator(".slot form")
    expect(form).to_be_visible()
    return form


def confirm(page: Page, what: str) -> None:
    """Do what asks once before it is done."""
    page.locator("summary", has_text=what).click()
    page.get_by_role("button", name=what).click()


def edit(page: Page, text: str, new_text: str) -> None:
    form = open_form(page, text, "Edit")
    form.get_by_role("textbox").fill(new_text)
    form.get_by_role("button", name="Save").click()
    expect(message(page, new_text)).to_be_visible()


def delete(page: Page, text: str) -> None:
    form = open_form(page, text, "Delete")
    form.get_by_role("button", name="Delete").click()
    expect(message(page, text)).to_have_count(0)


def sign_in_in_another_tab(page: Page, name: str) -> Page:
    tab = page.context.new_page()
    tab.goto("/")
    tab.get_by_label("Name").fill(name)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    is_live(tab)
    return tab


def open_menu(page: Page) -> None:
    page.locator("summary").filter(has_text=", menu").click()


def field(page: Page) -> Locator:
    """Return the search field."""
    return page.get_by_role("searchbox", name="Search messages")


def find(page: Page, text: str) -> None:
    """Type a search, key by key, in place of the one before."""
    field(page).fill("")
    field(page).press_sequentially(text)


def marks(page: Page) -> list[str]:
    """Return what is marked in the list, from the top."""
    return page.locator("#messages mark").all_text_contents()


def open_filters(page: Page) -> Locator:
    """Open the form of the search's filters and return it."""
    page.locator("summary").filter(has_text="Search filters").click()
    return page.get_by_role("form", name="Search filters")


def sign_out(page: Page) -> None:
    open_menu(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def eventually(page: Page, true: Callable[[], object]) -> None:
    """Wait until something outside the page is true, while the page goes on."""
    deadline = time.monotonic() + TIMEOUT / 1000
    while not true():
        assert time.monotonic() < deadline
        page.wait_for_timeout(POLL * 1000)


def hide(page: Page) -> None:
    """Let the page believe that its tab was left: Playwright's own pages never are."""
    _set_visibility(page, "hidden")


def show(page: Page) -> None:
    _set_visibility(page, "visible")


def _set_visibility(page: Page, state: str) -> None:
    page.evaluate(
        """(state) => {
          const states = {visibilityState: state, hidden: state === "hidden"};
          for (const [name, value] of Object.entries(states)) {
            Object.defineProperty(document, name, {value, configurable: true});
          }
          document.dispatchEvent(new Event("visibilitychange", {bubbles: true}));
        }""",
        state,
    )


def scroll_to_older(page: Page) -> None:
    """Scroll to where older messages load by themselves, which a click would race with."""
    page.locator("#older").evaluate("place => place.scrollIntoView({block: 'center'})")
