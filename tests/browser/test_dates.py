"""Dates in words: the page writes them as the server does, in every language to choose from."""

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page

from service.base.dates import LANGUAGES
from tests.browser import board

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


def test_a_day_is_headed_by_its_own_words(open_board: Callable[..., Page]) -> None:
    page = open_board("alice")
    board.post(page, "Hello")
    assert page.locator(".day-label").first.inner_text() == "Today"
