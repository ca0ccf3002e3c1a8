"""Writing while one searches."""

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.network import LateAnswers
from tests.browser.searching import Program, catch_ups, caught_up, change, is_told, say
from tests.threads.doing import replied


def test_an_edit_of_ones_own_in_a_search_gets_its_marks_or_leaves(
    lunches: Page, program: Program
) -> None:
    alice = lunches
    board.post(alice, "My lunch")
    board.find(alice, "lunch")
    is_told(alice, "3 messages found")
    board.edit(alice, "My lunch", "My lunch, with lunch guests")
    board.eventually(alice, lambda: board.marks(alice) == ["lunch"] * 3 + ["Lunch"])
    expect(board.message(alice, "guests")).to_be_focused()
    form = board.open_form(alice, "My lunch", "Edit")
    form.get_by_role("textbox").fill("My supper")
    form.get_by_role("button", name="Save").click()
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(board.message(alice, "A late lunch")).to_be_focused()


def test_a_form_somebody_writes_in_is_not_closed_by_a_search(
    lunches: Page, program: Program
) -> None:
    alice, elsewhere = lunches, program("alice")
    mine = say(elsewhere, "My lunch")
    field = board.open_form(alice, "My lunch", "Edit").get_by_role("textbox")
    field.fill("Half an edit")

    board.find(alice, "lunch")
    board.shows(alice, "My lunch", "A late lunch", "Lunch at noon")
    expect(board.message(alice, "My lunch").get_by_role("textbox")).to_have_value("Half an edit")
    board.find(alice, "dinner")
    board.shows(alice, "Dinner at eight")
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_value("Half an edit")
    alice.get_by_role("link", name="Show all messages").click()
    expect(board.message(alice, "My lunch").get_by_role("textbox")).to_have_value("Half an edit")
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_count(0)

    board.find(alice, "lunch")
    is_told(alice, "3 messages found")
    asked = catch_ups(alice)
    change(elsewhere, mine, "My supper")
    board.eventually(alice, lambda: asked)
    caught_up(alice, asked)
    open_item = alice.locator(f"#m-{mine}")
    expect(open_item).to_have_attribute("data-left", "")
    expect(open_item.get_by_role("textbox")).to_have_value("Half an edit")
    open_item.get_by_role("link", name="Cancel").click()
    board.shows(alice, "A late lunch", "Lunch at noon")
    is_told(alice, "2 messages found")


def test_a_message_sent_just_before_a_search_is_not_put_into_it(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/api/message")
    board.send(alice, "No meal")
    answers.wait()
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    answers.let_go()
    alice.wait_for_timeout(1200)
    board.shows(alice, "A late lunch", "Lunch at noon")
    board.field(alice).fill("")
    expect(board.message(alice, "No meal")).to_have_count(1)
    expect(board.composer(alice)).to_have_value("")


def test_a_reply_that_was_found_still_leads_to_its_thread_once_it_is_edited(
    lunches: Page, program: Program
) -> None:
    alice = lunches
    replied(program("alice"), 1, "My lunch")
    board.find(alice, "lunch")
    is_told(alice, "3 messages found")
    mine = board.message(alice, "My lunch")
    for text in ("My lunch, too", "My lunch, late"):
        board.edit(alice, "My lunch", text)
        expect(mine.get_by_role("link", name="Show in the thread")).to_be_visible()
        expect(mine.locator(".message-head > .tag")).to_have_text(["Reply"])
