"""Roles in open pages: what a moderator removes, and a role that changes."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from service.access.audit import OPERATOR
from service.accounts import accounts
from service.people import people
from tests.browser import board
from tests.browser.faults import Faults
from tests.people import Person, add_person, post

OpenBoard = Callable[..., Page]
REMOVED = "Removed by a moderator"


def give(name: str, role: str) -> None:
    account = accounts.find(name)
    assert account
    people.set_role(OPERATOR, account.id, role)


def actions(page: Page, text: str) -> Locator:
    return board.message(page, text).locator(".action")


def test_what_a_moderator_removes_stays_in_its_place_as_a_line(
    open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow("status of 404")
    add_person("mo", "moderator")
    mo, alice = open_board("mo"), open_board("alice")
    for text in ("Before", "Unkind", "After"):
        board.post(alice, text)
    board.open_form(alice, "Unkind", "Edit").get_by_role("textbox").fill("Less unkind")
    form = board.open_form(mo, "Unkind", "Remove")
    expect(form).to_contain_text("Remove this message of alice for everyone?")
    form.get_by_role("button", name="Remove").click()
    for page in (mo, alice):
        line = board.message(page, REMOVED)
        expect(line).to_contain_text("alice")
        expect(line.locator(".action")).to_have_count(0)
        expect(page.locator("#messages > li")).to_have_count(3)
    # What she was writing is not lost, though it can't be saved any more.
    editing = board.message(alice, REMOVED).get_by_role("textbox")
    expect(editing).to_have_value("Less unkind")
    board.message(alice, REMOVED).get_by_role("button", name="Save").click()
    expect(board.message(alice, REMOVED).get_by_role("alert")).to_contain_text(
        "This message was removed by a moderator meanwhile."
    )
    expect(editing).to_have_value("Less unkind")
    alice.reload()
    expect(board.message(alice, REMOVED)).to_be_visible()
    expect(alice.locator("#messages > li")).to_have_count(3)


def test_an_open_page_follows_its_readers_role_and_loses_nothing(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    post(program("bob"), "Hello")
    alice = open_board("alice")
    board.post(alice, "My own")
    board.open_form(alice, "My own", "Edit").get_by_role("textbox").fill("My own, better")
    board.composer(alice).fill("Half a sentence")
    editing = board.message(alice, "My own").get_by_role("textbox")
    expect(actions(alice, "Hello")).to_contain_text(["React", "More", "Mark unread"])

    give("alice", "moderator")
    expect(actions(alice, "Hello")).to_contain_text(["React", "More", "Mark unread", "Remove"])
    expect(board.composer(alice)).to_be_focused()
    expect(board.composer(alice)).to_have_value("Half a sentence")

    give("alice", "guest")
    expect(alice.get_by_text("You may read here.")).to_be_visible()
    expect(board.composer(alice)).to_have_count(0)
    expect(alice.locator("#composer")).to_contain_text("Half a sentence")
    expect(actions(alice, "Hello")).to_contain_text(["More", "Mark unread"])
    expect(actions(alice, "My own")).to_contain_text(["More", "Mark unread"])
    expect(editing).to_have_value("My own, better")
    post(program("bob"), "Still here")
    expect(board.message(alice, "Still here")).to_be_visible()

    give("alice", "admin")
    expect(board.composer(alice)).to_have_value("Half a sentence")
    expect(editing).to_have_value("My own, better")
    board.open_menu(alice)
    expect(alice.get_by_role("link", name="Administration")).to_be_visible()
    alice.keyboard.press("Escape")
    alice.get_by_role("button", name="Send").click()
    expect(board.message(alice, "Half a sentence")).to_be_visible()


def test_a_guest_reads_without_a_composer(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    add_person("gus", "guest")
    guest = open_board("gus")
    expect(guest.get_by_text("You may read here.")).to_be_visible()
    expect(board.composer(guest)).to_have_count(0)
    post(program("bob"), "Hello")
    expect(board.message(guest, "Hello")).to_be_visible()
    expect(actions(guest, "Hello")).to_contain_text(["More", "Mark unread"])
    board.message(guest, "Hello").focus()
    for key in ("n", "e", "k"):
        guest.keyboard.press(key)
    board.find(guest, "hello")
    expect(guest.locator("[data-found]")).to_have_text("One message found")
    board.find(guest, "")
    expect(guest.get_by_text("You may read here.")).to_be_visible()
