"""Dates in words: the page writes them as the server does, in every language to choose from."""

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.base import clock
from service.base.dates import LANGUAGES
from service.messages import writing
from tests.browser import board
from tests.browser.flaws import check
from tests.people import add_person

MONTHS = [dt.date(2026, month, month + 5) for month in range(1, 13)]  # on all seven days
IN_WORDS = """([languages, days]) => languages.map((language) => {
  const long = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });
  const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const capital = (word) => word[0].toLocaleUpperCase(language) + word.slice(1);
  return [days.map((day) => long.format(new Date(day))),
          [0, -1].map((day) => capital(near.format(day, "day"))).join(", ")];
})"""


def test_the_page_and_the_server_have_the_same_words(new_page: Callable[..., Page]) -> None:
    others = {code: each for code, each in LANGUAGES.items() if code != "en"}
    days = [day.isoformat() for day in MONTHS]
    found = new_page().evaluate(IN_WORDS, [list(others), days])
    expected = [[[each.words(day) for day in MONTHS], each.near] for each in others.values()]
    assert dict(zip(others, found, strict=True)) == dict(zip(others, expected, strict=True))


def test_the_heading_of_a_day_has_its_words_and_leads_to_another(
    open_board: Callable[..., Page],
) -> None:
    alice, now = add_person("alice").id, clock.now()
    for hours in range(120, 0, -1):
        writing.post(alice, f"Message {hours}", timestamp=now - dt.timedelta(hours=hours))
    page = open_board("alice", reduced_motion="reduce")
    board.post(page, "Hello")
    label = page.locator(".day-label:visible").last
    expect(label).to_have_text("Today")
    label.click()
    field = page.get_by_label("Go to a day", exact=True).and_(page.locator("input"))
    expect(field).to_be_focused()
    assert check(page, "go to a day") == []
    day = (now - dt.timedelta(days=4)).date()
    field.fill(day.isoformat())
    page.get_by_role("button", name="Go", exact=True).click()
    first = page.locator(f"#messages > li[data-day='{day.isoformat()}']").first
    expect(first.locator("article")).to_be_in_viewport()
    expect(first.locator("article")).to_be_focused()
    expect(first.locator(".day-label")).to_have_text(LANGUAGES["en"].words(day))
