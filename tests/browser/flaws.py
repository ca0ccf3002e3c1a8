"""What axe-core finds on a page, in both themes and two widths; what fits no phone."""

from http import HTTPStatus
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.seen import page_of

LONG = "A message that goes on " * 10 + "https://example.com/" + "without-a-break" * 15
PHONE = 320
WIDTHS = (PHONE, 1280)  # no rule of the style sheet lies between 320 and other phones
HEIGHT = 800
SMALLEST_TARGETS = {True: 44, False: 32}  # pixels, by whether a finger presses them
AXE = Axe()
SHOWN: set[str | None] = set()  # the pages that the test of now has shown to axe
STATUS = "() => performance.getEntriesByType('navigation')[0].responseStatus"
# The dark theme is other colours and nothing else, as test_looks.py sees to: the other rules find
# there what they find in the light one.
DARK = {"runOnly": ["color-contrast", "link-in-text-block"]}
RUN_AXE = """async (rules) => (await axe.run({resultTypes: ["violations"], ...rules})).violations
  .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`))"""
# Links inside a sentence are as high as its line.
LOW_TARGETS = """(smallest) => {
  const low = [];
  for (let target of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    if (target.matches("p a, dd a, .text a")) continue;
    if (!target.checkVisibility({visibilityProperty: true})) continue;
    if (["checkbox", "radio"].includes(target.type)) target = target.closest("label");
    const { height } = target.getBoundingClientRect();
    if (height < smallest) low.push(`${target.outerHTML.slice(0, 90)}: ${height}`);
  }
  return low;
}"""
SIDEWAYS = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


def check(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page as it is, in both themes and at every width."""
    page.evaluate(AXE.axe_script)
    if page.evaluate(STATUS) == HTTPStatus.OK:
        SHOWN.add(page_of(urlsplit(page.url).path))
    wrong: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if page.evaluate(SIDEWAYS) > 0:
            wrong.append(f"{name} scrolls sideways at {width}")
        if width == PHONE:
            wrong += [f"{name}: {low}" for low in _low_targets(page)]
        page.emulate_media(color_scheme="light")
        wrong += [f"{name}, light, {width}: {each}" for each in page.evaluate(RUN_AXE, {})]
        page.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark, {width}: {each}" for each in page.evaluate(RUN_AXE, DARK)]
    return wrong


def _low_targets(page: Page) -> list[str]:
    """Return what is too low: for a finger, and for a mouse."""
    # It is not detached: Chromium would take the page's device of passkeys with it.
    session = page.context.new_cdp_session(page)
    low: list[str] = []
    for touch, smallest in SMALLEST_TARGETS.items():
        session.send("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        low += page.evaluate(LOW_TARGETS, smallest)
    return low
