"""A day in a room: Alice at a desk, Bob on a phone, Charlie without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import board, reactions, threads
from tests.browser.flaws import check
from tests.browser.screenshots import keep_screenshot
from tests.people import add_person

OpenBoard = Callable[..., Page]
PLAN = "**The plan**, @bob:\n\n```\nship it\n```"


@pytest.fixture
def desk(open_board: OpenBoard) -> Page:
    for name in ("bob", "charlie"):
        add_person(name)
    return open_board("alice", viewport=threads.WIDE, reduced_motion="reduce")


@pytest.fixture
def phone(desk: Page, open_board: OpenBoard) -> Page:
    return open_board("bob", **reactions.PHONE, reduced_motion="reduce")


@pytest.fixture
def plain(desk: Page, open_board: OpenBoard) -> Page:
    return open_board("charlie", java_script_enabled=False)


def test_three_people_live_in_a_room(desk: Page, phone: Page, plain: Page) -> None:
    make_a_room(desk)
    enter(plain)
    post_and_call(desk, plain)
    be_called(phone)
    react(desk, phone, plain)
    talk_in_a_thread(desk, phone, plain)
    quote_pin_and_edit(desk, phone, plain)
    search(desk)
    write_to_each_other(desk, plain)
    archive(desk, phone, plain)
    wrong = [each for page in (desk, phone) for each in check(page, "the end of a day")]
    assert wrong == []


def make_a_room(page: Page) -> None:
    page.get_by_role("link", name="New room").click()
    page.get_by_label("Name").fill("Launch")
    page.get_by_label("What it is about").fill("On Monday")
    page.get_by_label("only who is added").check()
    page.get_by_role("button", name="Make the room").click()
    page.get_by_role("link", name="Add people").click()
    for name in ("bob", "charlie"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Add them").click()
    page.get_by_role("link", name="Back to the room").click()
    board.is_live(page)
    expect(page.locator("#messages")).to_contain_text("alice added bob")
    expect(page.locator("#room-head")).to_contain_text("3 people")


def enter(page: Page) -> None:
    page.goto("/rooms")
    page.get_by_role("main").get_by_role("link", name="Launch").click()
    expect(page.locator("#room-head")).to_contain_text("On Monday")


def post_and_call(desk: Page, plain: Page) -> None:
    board.composer(desk).fill(PLAN)
    desk.get_by_role("button", name="Send").click()
    expect(board.message(desk, "The plan")).to_be_visible()
    board.send(plain, "I have _read_ it")
    expect(board.message(plain, "The plan").locator("pre")).to_have_text("ship it\n")
    expect(board.message(desk, "I have").locator("em")).to_have_text("read")
    expect(desk.locator("#messages .author")).to_have_text(["alice", "charlie"])


def be_called(phone: Page) -> None:
    """See that one is called, in another room; once it is read, no tab counts it any more."""
    expect(phone).to_have_title("(1) Board")
    tab = phone.context.new_page()
    tab.goto("/account")
    expect(tab).to_have_title(re.compile(r"^\(1\)"))
    phone.get_by_role("link", name="Rooms and people").click()
    launch = phone.get_by_role("main").get_by_role("link", name="Launch")
    expect(launch).to_contain_text("1 to read")
    launch.click()
    board.is_live(phone)
    expect(phone.get_by_text("New since")).to_be_visible()
    expect(board.message(phone, "The plan")).to_have_class(re.compile("message-calls"))
    for page in (phone, tab):
        expect(page).not_to_have_title(re.compile(r"\(1\)"))
    tab.close()


def react(desk: Page, phone: Page, plain: Page) -> None:
    board.message(phone, "The plan").locator(".more").click()
    board.message(phone, "The plan").get_by_role("link", name="React").click()
    reactions.palette(phone).get_by_role("button", name="thumbs up").click()
    reactions.chip(desk, "The plan", "bob").click()
    both = reactions.chip(phone, "The plan", "bob", "alice")
    expect(both).to_have_attribute("aria-pressed", "true")
    plain.reload()
    expect(board.message(plain, "The plan")).to_contain_text("2")


def talk_in_a_thread(desk: Page, phone: Page, plain: Page) -> None:
    board.reach(plain, "The plan").get_by_role("link", name="Reply").click()
    plain.get_by_role("textbox", name="Reply").fill("When?")
    plain.get_by_role("button", name="Reply").click()
    board.message(desk, "The plan").get_by_role("link", name="1 reply, last").click()
    threads.shows(desk, "When?")
    threads.send(desk, "At noon")
    board.message(phone, "The plan").get_by_role("link", name="2 replies, last").click()
    threads.shows(phone, "When?", "At noon")
    threads.send(phone, "Noon it is")
    threads.shows(desk, "When?", "At noon", "Noon it is")
    keep_screenshot(desk, "day-thread")
    keep_screenshot(phone, "day-thread-phone")
    for page in (desk, phone):
        page.get_by_role("link", name="Close the thread").click()
        expect(board.message(page, "The plan")).to_contain_text("3 replies")
    plain.get_by_role("link", name="Close the thread").click()


def quote_pin_and_edit(desk: Page, phone: Page, plain: Page) -> None:
    board.reach(plain, "The plan").get_by_role("link", name="Quote").click()
    begun = board.composer(plain).input_value()
    board.send(plain, f"{begun}Good")
    expect(board.message(desk, "Good").locator("blockquote")).to_contain_text("The plan")
    board.reach(phone, "I have").get_by_role("button", name="Pin the message").click()
    desk.get_by_role("link", name="Pinned messages").click()
    pane = desk.get_by_role("complementary", name="Pinned messages")
    expect(pane.locator("li")).to_contain_text(["I have read it"])
    pane.get_by_role("link", name="Close").click()
    board.reach(plain, "I have").get_by_role("link", name="Edit").click()
    plain.get_by_role("textbox", name="Edit your message").fill("I have seen it")
    plain.get_by_role("button", name="Save").click()
    for page in (desk, phone, plain):
        seen = board.message(page, "I have seen it")
        expect(seen.locator(".edited")).to_be_visible()
        expect(seen).to_contain_text("Pinned by bob")


def search(page: Page) -> None:
    board.find(page, "seen")
    board.shows(page, "I have seen it")
    expect(page).to_have_title("seen · Board")
    board.field(page).fill("")
    expect(board.message(page, "The plan").first).to_be_visible()
    expect(page).to_have_title("Launch · Board")


def write_to_each_other(desk: Page, plain: Page) -> None:
    plain.get_by_role("link", name="New direct message").click()
    plain.get_by_label("alice").check()
    plain.get_by_role("button", name="Open the direct message").click()
    board.send(plain, "Between us")
    talk = desk.get_by_role("navigation", name="Rooms").get_by_role("link", name="charlie")
    expect(talk).to_contain_text("1 to read")
    talk.click()
    board.shows(desk, "Between us")
    expect(talk).not_to_contain_text("to read")
    board.reach(plain, "Between us").get_by_role("link", name="Delete").click()
    plain.get_by_role("button", name="Delete").click()
    board.shows(desk)
    desk.go_back()
    board.is_live(desk)


def archive(desk: Page, phone: Page, plain: Page) -> None:
    desk.locator("#room-head").get_by_role("link", name="Launch").click()
    desk.get_by_role("button", name="Archive it").click()
    desk.get_by_role("link", name="Back to the room").click()
    enter(plain)
    for page in (desk, phone, plain):
        expect(page.locator("#composer")).to_contain_text("This room is archived")
