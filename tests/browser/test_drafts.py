"""What has been written and not sent outlives every accident."""

from collections.abc import Callable

from playwright.sync_api import Dialog, Locator, Page, expect

from service.access.visible import EVERYONE
from service.accounts import accounts
from service.messages import messages
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY
from tests.people import PASSWORD, Person
from tests.rooms import add_room

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
ASKED = 600  # milliseconds, after which a page offers what it offers


def orphan(page: Page) -> Locator:
    """Return the offer of a text whose tab is gone."""
    return page.locator("#orphan")


def test_a_draft_survives_a_failed_send_and_a_reload(open_board: OpenBoard, faults: Faults) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice")
    alice.route("**/api/message", lambda route: route.abort(), times=1)
    board.send(alice, "Kept")
    failed = alice.get_by_role("alert").filter(has_text="could not be sent")
    expect(failed).to_be_visible()
    board.composer(alice).press("End")
    board.composer(alice).press_sequentially("!")
    expect(failed).to_have_count(0)  # it was about the text before
    alice.reload()
    expect(board.composer(alice)).to_have_value("Kept!")
    alice.get_by_role("button", name="Send").click()
    board.shows(alice, "Kept!")
    alice.reload()
    expect(board.composer(alice)).to_have_value("")


def test_live_changes_overwrite_nothing_that_is_being_written(
    open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow("status of 409")
    bob, elsewhere, alice = program("bob"), program("alice"), open_board("alice")
    board.post(alice, "First version")
    (mine,) = messages.newest(EVERYONE).messages
    board.open_form(alice, "First version", "Edit")
    field = alice.get_by_label("Edit your message")
    field.fill("Half an edit")
    board.composer(alice).fill("Half a message")
    board.composer(alice).evaluate("field => field.setSelectionRange(4, 4)")

    bob.post("/api/message", json={"message": "Look here"})
    elsewhere.post(f"/api/message/{mine.id}/edit", json={"message": "From my phone"})
    expect(board.message(alice, "From my phone")).to_be_visible()
    expect(board.message(alice, "Look here")).to_be_visible()
    expect(field).to_have_value("Half an edit")
    expect(board.composer(alice)).to_have_value("Half a message")
    expect(board.composer(alice)).to_be_focused()
    assert board.composer(alice).evaluate("field => field.selectionStart") == 4

    alice.get_by_role("button", name="Save").click()
    conflict = alice.get_by_role("alert").filter(has_text="from somewhere else")
    expect(conflict).to_be_visible()
    expect(field).to_have_value("Half an edit")
    alice.get_by_role("button", name="Save").click()
    board.shows(alice, "Half an edit", "Look here")
    expect(board.composer(alice)).to_have_value("Half a message")


def test_an_edit_is_asked_about_and_of_a_message_deleted_elsewhere_can_still_be_copied(
    open_board: OpenBoard, program: Program
) -> None:
    elsewhere, alice = program("alice"), open_board("alice")
    board.post(alice, "To go")
    (mine,) = messages.newest(EVERYONE).messages
    board.open_form(alice, "To go", "Edit").get_by_role("textbox").fill("Much work")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    alice.on("dialog", stay)
    alice.evaluate("setTimeout(() => location.reload())")
    board.eventually(alice, lambda: asked == ["beforeunload"])
    elsewhere.post(f"/api/message/{mine.id}/deletion", json={})
    board.shows(alice)
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_value("Much work")
    alice.locator("#shelf").get_by_role("link", name="Cancel").click()
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_count(0)
    alice.reload()
    assert len(asked) == 1


def test_a_page_signed_out_elsewhere_says_so_keeps_what_was_written_and_carries_on(
    open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow("status of 401", "htmx:sse:error")
    elsewhere, bob, alice = program("alice"), program("bob"), open_board("alice")
    board.post(alice, "Before")
    field = board.open_form(alice, "Before", "Edit").get_by_role("textbox")
    field.fill("Half an edit")
    board.composer(alice).fill("Half a message")

    assert elsewhere.post("/api/account/sessions/end", json={}).is_success
    expect(alice.locator("#signed-out")).to_be_visible(timeout=7000)
    expect(alice.locator("#live")).to_have_text("Signed out")
    bob.post("/api/message", json={"message": "Not for those who left"})
    alice.get_by_role("button", name="Send").click()
    alice.get_by_role("button", name="Save").click()
    expect(board.composer(alice)).to_have_value("Half a message")
    expect(field).to_have_value("Half an edit")
    board.shows(alice, "Before")

    board.sign_in_in_another_tab(alice, "alice")
    board.is_live(alice)
    expect(alice.locator("#signed-out")).to_be_hidden()
    expect(board.composer(alice)).to_have_value("Half a message")
    expect(field).to_have_value("Half an edit")
    alice.get_by_role("button", name="Save").click()
    alice.get_by_role("button", name="Send").click()
    board.shows(alice, "Half an edit", "Not for those who left", "Half a message")
    board.shows_what_a_reload_shows(alice)


def test_who_signs_out_leaves_no_draft_behind_in_any_tab(
    open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow("status of 401", "htmx:sse:error")  # the other tab may hear of it by its stream
    program("bob")
    alice = open_board("alice")
    board.post(alice, "Mine")
    board.composer(alice).fill("A secret of Alice's")
    tab = alice.context.new_page()
    tab.goto("/msgs")
    board.composer(tab).fill("Another one")
    for page in (alice, tab):  # a half-done edit holds neither
        board.open_form(page, "Mine", "Edit").get_by_role("textbox").fill("A secret edit")
        page.on("dialog", lambda dialog: dialog.dismiss())
    board.sign_out(tab)
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Another one" not in tab.evaluate(STORED)
    assert "secret" not in tab.evaluate(STORED)
    bob = board.sign_in_in_another_tab(alice, "bob")
    expect(board.composer(bob)).to_have_value("")
    expect(orphan(bob)).to_be_hidden()


def test_each_tab_has_a_draft_of_its_own(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    tab = alice.context.new_page()
    tab.goto("/msgs")
    board.is_live(tab)
    board.composer(alice).fill("Here")
    board.composer(tab).fill("There")
    board.post(tab, "Sent")
    alice.reload()
    expect(board.composer(alice)).to_have_value("Here")
    tab.reload()
    tab.wait_for_timeout(ASKED)
    expect(board.composer(tab)).to_have_value("")
    expect(orphan(tab)).to_be_hidden()  # Alice's other tab lives


def test_a_draft_whose_tab_is_gone_is_offered_to_its_writer_alone(
    open_board: OpenBoard, program: Program
) -> None:
    program("bob")
    alice = open_board("alice")
    for text in ("Kept", "Thrown away"):
        tab = alice.context.new_page()
        tab.goto("/msgs")
        board.is_live(tab)
        board.composer(tab).fill(text)
        tab.close()
    board.composer(alice).fill("Here")
    alice.reload()
    expect(orphan(alice)).to_contain_text("Thrown away")
    expect(board.composer(alice)).to_have_value("Here")
    orphan(alice).get_by_role("button", name="Discard").click()
    expect(orphan(alice)).to_contain_text("Kept")
    orphan(alice).get_by_role("button", name="Restore").click()
    expect(orphan(alice)).to_be_hidden()
    expect(board.composer(alice)).to_have_value("Here\nKept")

    assert alice.context.request.post(
        "/api/login", data={"username": "bob", "password": PASSWORD}
    ).ok
    bob = alice.context.new_page()
    alice.close()
    bob.goto("/msgs")
    board.is_live(bob)
    bob.wait_for_timeout(ASKED)
    expect(orphan(bob)).to_be_hidden()
    expect(board.composer(bob)).to_have_value("")


def test_a_copied_tab_begins_with_an_empty_composer(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    board.composer(alice).fill("Here")
    with alice.context.expect_page() as opened:  # its session storage is a copy
        alice.evaluate("open('/msgs')")
    expect(board.composer(opened.value)).to_have_value("")
    board.post(opened.value, "There")
    alice.reload()
    expect(board.composer(alice)).to_have_value("Here")


def test_a_page_whose_reader_signs_in_again_beside_it_carries_on_by_itself(
    open_board: OpenBoard, program: Program
) -> None:
    alice, bob = open_board("alice"), program("bob")
    board.composer(alice).fill("Half a message")
    fields = {"username": "alice", "password": PASSWORD}
    # The browser has one session: the one before, which the stream belongs to, ends.
    with alice.expect_request("**/msgs?role=*"):
        assert alice.context.request.post("/api/login", data=fields).ok
    board.is_live(alice)
    bob.post("/api/message", json={"message": "Still there?"})
    board.shows(alice, "Still there?")
    expect(board.composer(alice)).to_have_value("Half a message")


def account_of(name: str) -> int:
    account = accounts.find(name)
    assert account
    return account.id


def test_each_room_has_a_draft_of_its_own(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    home = alice.url
    garden = home.replace("/msgs", "/rooms/garden")
    add_room("garden", "open", account_of("alice"))
    board.composer(alice).fill("For all")
    alice.goto(garden)
    expect(board.composer(alice)).to_have_value("")
    board.composer(alice).fill("For gardeners")
    alice.goto(home)
    expect(board.composer(alice)).to_have_value("For all")
    alice.goto(garden)
    expect(board.composer(alice)).to_have_value("For gardeners")
    alice.goto(home)
    beside = alice.context.new_page()
    beside.goto(garden)
    beside.wait_for_timeout(ASKED)
    expect(orphan(beside)).to_be_hidden()  # its tab is open, in another room
    alice.close()
    beside.goto(garden)
    expect(orphan(beside)).to_contain_text("For gardeners")
    beside.goto(home)
    expect(orphan(beside)).to_contain_text("For all")
    expect(orphan(beside)).not_to_contain_text("gardeners")
