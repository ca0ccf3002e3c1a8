"""What pages look like to somebody: the theme, the hours of clocks, the order of messages."""

import datetime as dt
import re

import pytest

from service.accounts import accounts
from service.base import clock
from service.base.clock import Clock
from service.messages import writing
from tests.people import PAGE, PROGRAM, Person

ADDRESS = "/api/account/look"
TWELVE = re.compile(r"\b1?\d:\d\d [AP]M\b")


@pytest.mark.parametrize(
    ("hour", "shown"),
    [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (14, "2:05 PM"), (23, "11:05 PM")],
)
def test_a_clock_of_twelve_hours_tells_which_half_of_the_day_it_is(hour: int, shown: str) -> None:
    moment = dt.datetime(2026, 11, 29, hour, 5, 9, tzinfo=clock.UTC)
    assert clock.time(moment, Clock("UTC", "12")) == shown
    assert clock.full(moment, Clock("UTC", "12")).endswith(f"{shown.replace(':05', ':05:09')} UTC")
    assert clock.time(moment, Clock("UTC", "24")) == clock.time(moment, Clock("UTC"))


def test_alices_pages_are_as_she_wants_them_and_bobs_as_they_were(
    alice: Person, bob: Person
) -> None:
    account = accounts.find("alice")
    assert account
    writing.post(account.id, "At some time")
    for page in ("/msgs", "/account", "/msgs?q=some"):
        assert not re.search("data-theme", alice.get(page, headers=PAGE).text)
    answer = alice.post(ADDRESS, data={"theme": "dark", "hours": "12"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=look")
    for page in ("/msgs", "/account", "/msgs?q=some", "/nowhere"):
        text = alice.get(page, headers=PAGE).text
        assert '<html lang="en" data-base="" data-theme="dark">' in text
        assert re.findall('name="theme-color" content="(.*?)"', text) == ["#111719"]
        if "At some time" in text:
            assert TWELVE.search(text), page
    bobs = bob.get("/msgs", headers=PAGE).text
    assert not TWELVE.search(bobs)
    assert "data-theme" not in bobs


def test_what_is_not_sent_stays_and_what_can_not_be_is_refused(alice: Person) -> None:
    assert alice.post(ADDRESS, json={"theme": "light"}, headers=PROGRAM).json() == {"done": "look"}
    assert alice.post(ADDRESS, json={"order": "newest"}, headers=PROGRAM).is_success
    refused = alice.post(ADDRESS, json={"hours": "13", "theme": "dark"}, headers=PROGRAM)
    assert refused.status_code == 422
    assert refused.json()["errors"] == {"hours": "Choose one of: board, 12, 24."}
    page = alice.get("/account", headers=PAGE).text
    assert set(re.findall(r'<option value="(\w+)" selected>', page)) == {
        *("light", "board", "newest")
    }


def test_a_page_made_for_other_hours_is_sent_for_a_new_list(alice: Person) -> None:
    page = alice.get("/msgs", headers=PAGE).text
    assert "&amp;hours=&amp;" in page
    alice.post(ADDRESS, json={"hours": "12"}, headers=PROGRAM)
    assert "&amp;hours=12&amp;" in alice.get("/msgs", headers=PAGE).text
