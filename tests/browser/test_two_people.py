"""Two people, two pages, two time zones."""

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from service.base import clock
from service.data import db
from service.data.tables import Message
from service.messages import writing
from tests.browser import board
from tests.databases import BOTH
from tests.people import PASSWORD, add_person
from tests.servers import Server

# 25 hours apart: never the same date, and an hour apart on the clock.
EARLIEST, LATEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"

on_both = pytest.mark.parametrize("database_url", BOTH, indirect=True)

OpenBoard = Callable[..., Page]


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/msgs$"))
    board.is_live(page)


def local_time(page: Page, text: str, zone: str) -> str:
    moment = board.message(page, text).locator("time").get_attribute("datetime")
    assert moment
    return dt.datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).strftime("%H:%M")


@on_both
def test_bob_sees_at_once_what_alice_posts_edits_and_deletes_in_his_own_time(
    server: Server, new_page: OpenBoard
) -> None:
    add_person("Alice")
    add_person("Bob")
    alice, bob = new_page(timezone_id="Asia/Kolkata"), new_page(timezone_id="America/St_Johns")
    sign_in(alice, "Alice")
    sign_in(bob, "Bob")

    board.post(alice, "Good morning")
    for page, zone in ((alice, "Asia/Kolkata"), (bob, "America/St_Johns")):
        board.shows(page, "Good morning")
        time = board.message(page, "Good morning").locator("time [aria-hidden]")
        expect(time).to_have_text(local_time(page, "Good morning", zone))
    expect(board.message(bob, "Good morning").locator(".author")).to_have_text("Alice")
    expect(board.message(bob, "Good morning").get_by_role("link", name="Edit")).to_have_count(0)

    board.post(bob, "Hello <b>Alice</b>")
    board.edit(alice, "Good morning", "Good day")
    for page in (alice, bob):
        board.shows(page, "Good day", "Hello <b>Alice</b>")
        expect(board.message(page, "Good day").locator(".edited")).to_be_visible()

    board.delete(alice, "Good day")
    for page in (alice, bob):
        board.shows(page, "Hello <b>Alice</b>")
        board.shows_what_a_reload_shows(page)


def write_at(author_id: int, text: str, moment: dt.datetime) -> None:
    view = writing.post(author_id, text)
    with db.write():
        Message.update(timestamp=moment).where(Message.id == view.id).execute()


def day_words(moment: dt.datetime, zone: str) -> str:
    there = moment.astimezone(ZoneInfo(zone)).date()
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    return {0: "Today", 1: "Yesterday"}.get((today - there).days) or f"{there:%A %-d %B %Y}"


def test_days_are_those_of_the_reader(open_board: OpenBoard) -> None:
    author, now = add_person("Charlie").id, clock.now()
    moments = [now - dt.timedelta(hours=hours) for hours in (99, 98, 50, 30, 13)]
    for number, moment in enumerate(moments):
        write_at(author, f"Message {number}", moment)
    alice, bob = open_board("alice", EARLIEST), open_board("bob", LATEST)
    board.post(alice, "Now")
    for page, zone in ((alice, EARLIEST), (bob, LATEST)):
        expect(page.locator("#messages > li")).to_have_count(6)
        words = [day_words(moment, zone) for moment in (*moments, clock.now())]
        expect(page.locator(".day:visible")).to_have_text(list(dict.fromkeys(words)))
    board.post(bob, "Another of today")
    expect(alice.locator(".day:visible").filter(has_text="Today")).to_have_count(1)
    expect(bob.locator(".day:visible").last).to_have_text("Today")
    expect(bob.locator("#messages > li").last.locator(".day")).to_be_hidden()
