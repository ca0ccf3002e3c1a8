"""Threads in open pages: opened, answered and read beside the list, by two people."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.people import PROGRAM, Person, post
from tests.threads.doing import replied

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SHOWN = ".replies .text"
MARKED_AFTER = 600  # milliseconds, as it is from what is shown to its mark; see unread/read.js
TOP = "article => Math.round(article.getBoundingClientRect().top)"

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]


def pane(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Thread")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Reply", exact=True)


def line(page: Page) -> Locator:
    """Return what a message says of its thread."""
    return page.locator("#messages .thread-line")


def open_thread(page: Page, text: str) -> Locator:
    """Open the thread of a message with what can be done with it, and return the pane."""
    article = board.message(page, text)
    article.hover()
    link = article.get_by_role("link", name="Reply to the message")
    if not link.is_visible():
        article.locator(".more").click()
    link.click()
    expect(composer(page)).to_be_focused()
    return pane(page)


def send(page: Page, text: str) -> None:
    composer(page).fill(text)
    pane(page).get_by_role("button", name="Reply", exact=True).click()


def shows(page: Page, *texts: str) -> None:
    """Wait until the thread shows exactly these replies, from the top."""
    expect(pane(page).locator(SHOWN)).to_have_text(list(texts))


def reply(page: Page, text: str) -> Locator:
    return page.locator(".replies article").filter(has_text=text)


def do(page: Page, text: str, action: str) -> Locator:
    """Open the form to edit or delete a reply, and return it."""
    article = reply(page, text)
    article.hover()
    article.locator(":is(.more, .action-rest):visible").click()
    article.get_by_role("link", name=action).click()
    return article.locator(".slot form")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_one_replies_edits_and_deletes_the_other_sees_in_the_thread_and_its_count(
    open_board: OpenBoard, viewport: ViewportSize
) -> None:
    alice, bob = open_board("alice", viewport=viewport), open_board("bob", viewport=WIDE)
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    expect(pane(alice)).to_contain_text("No replies yet")
    expect(alice).to_have_url(re.compile("/msgs/1/thread#reply$"))
    board.message(bob, "Lunch?").wait_for()
    open_thread(bob, "Lunch?")
    send(bob, "Noodles")
    expect(composer(bob)).to_have_value("")
    expect(composer(bob)).to_be_focused()
    shows(alice, "Noodles")
    expect(line(bob)).to_contain_text("1 reply, last")
    send(bob, "Or soup")
    for page in (alice, bob):
        shows(page, "Noodles", "Or soup")
        expect(line(page)).to_contain_text("2 replies")
        expect(page.locator("#thread-count")).to_have_text("2 replies")
    form = do(bob, "Or soup", "Edit")
    form.get_by_role("textbox").fill("Or salad")
    form.get_by_role("button", name="Save").click()
    shows(alice, "Noodles", "Or salad")
    do(bob, "Noodles", "Delete").get_by_role("button", name="Delete").click()
    for page in (alice, bob):
        shows(page, "Or salad")
        expect(line(page)).to_contain_text("1 reply,")
        expect(page.locator("#thread-count")).to_have_text("1 reply")
    send(alice, "At noon")
    shows(bob, "Or salad", "At noon")
    alice.keyboard.press("Escape")
    alice.keyboard.press("Escape")
    expect(pane(alice)).to_have_count(0)
    board.shows(alice, "Lunch?")
    expect(board.message(alice, "Lunch?")).to_be_focused()
    alice.reload()
    board.is_live(alice)
    line(alice).get_by_role("link").click()
    shows(alice, "Or salad", "At noon")


def test_its_root_follows_the_message(open_board: OpenBoard, program: Program) -> None:
    alice, bob = open_board("alice", viewport=WIDE), program("bob")
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    replied(bob, 1, "Noodles")
    root = alice.locator("#thread-root")
    board.edit(alice, "Lunch?", "Lunch at noon?")
    expect(root.locator(".text")).to_have_text("Lunch at noon?")
    bob.post("/api/message/1/reaction", json={"emoji": "👍"})
    expect(root).to_contain_text("👍 1")
    board.open_form(alice, "Lunch at noon?", "Delete").get_by_role("button", name="Delete").click()
    expect(root).to_contain_text("Deleted by its author")
    shows(alice, "Noodles")


def test_what_its_author_deletes_goes_from_a_thread_without_replies(open_board: OpenBoard) -> None:
    alice, bob = open_board("alice", viewport=WIDE), open_board("bob", viewport=WIDE)
    board.post(alice, "A secret")
    board.message(bob, "A secret").wait_for()
    open_thread(bob, "A secret")
    composer(bob).fill("Half a reply")
    board.delete(alice, "A secret")
    expect(bob.locator("#thread-root")).to_contain_text("Deleted by its author")
    expect(pane(bob)).not_to_contain_text("A secret")
    expect(composer(bob)).to_have_value("Half a reply")


def test_the_oldest_reply_is_first_whatever_the_order_of_the_page(
    open_board: OpenBoard, program: Program
) -> None:
    alice, bob = open_board("alice", viewport=WIDE), program("bob")
    root = post(bob, "Lunch?")["id"]
    for text in ("One", "Two"):
        replied(bob, root, text)
    elsewhere = program("alice")
    assert elsewhere.post("/api/account/look", json={"order": "newest"}).is_success
    alice.goto(f"/msgs/{root}/thread")
    board.is_live(alice)
    replied(bob, root, "Three")
    shows(alice, "One", "Two", "Three")
    assert alice.locator("#board").get_attribute("data-order") == "newest-first"


def test_a_draft_of_each_thread_outlives_reloads_and_goes_with_its_writer(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    for text in ("Lunch?", "Dinner?"):
        post(bob, text)
    board.composer(alice).fill("In the room")
    for text, draft in (("Lunch?", "Noodles"), ("Dinner?", "Bread")):
        open_thread(alice, text)
        expect(composer(alice)).to_have_value("")
        composer(alice).fill(draft)
    alice.reload()
    board.is_live(alice)
    expect(composer(alice)).to_have_value("Bread")
    open_thread(alice, "Lunch?")
    expect(composer(alice)).to_have_value("Noodles")
    send(alice, "Noodles!")
    shows(alice, "Noodles!")
    open_thread(alice, "Dinner?")
    expect(composer(alice)).to_have_value("Bread")
    open_thread(alice, "Lunch?")
    expect(composer(alice)).to_have_value("")
    expect(board.composer(alice)).to_have_value("In the room")
    expect(alice.locator("#orphan")).to_be_hidden()
    board.sign_out(alice)
    assert "Bread" not in alice.evaluate("JSON.stringify(localStorage)")


def test_a_reply_that_could_not_be_sent_is_kept_and_sent_once(
    cable: Cable, open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice", url=cable.url, viewport=WIDE)
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    cable.cut()
    send(alice, "Noodles")
    failed = pane(alice).get_by_role("alert").filter(has_text="could not be sent")
    expect(failed).to_be_visible()
    expect(composer(alice)).to_have_value("Noodles")
    cable.mend()
    board.is_live(alice)
    lost = LateAnswers(alice, "**/api/message/1/reply")
    composer(alice).press("Enter")
    lost.wait()
    shows(alice, "Noodles")  # by the stream, which may be sooner
    lost.lose()
    expect(failed).to_be_visible()
    alice.reload()
    board.is_live(alice)
    expect(composer(alice)).to_have_value("Noodles")
    composer(alice).press("Enter")
    expect(composer(alice)).to_have_value("")
    shows(alice, "Noodles")
    alice.reload()
    board.is_live(alice)
    shows(alice, "Noodles")


def test_a_reply_that_is_refused_keeps_its_text(open_board: OpenBoard, faults: Faults) -> None:
    faults.allow("status of 422")
    alice = open_board("alice", viewport=WIDE)
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    send(alice, "a" * 4001)
    expect(pane(alice).get_by_role("alert").filter(has_text="characters")).to_be_visible()
    expect(composer(alice)).to_have_value("a" * 4001)
    expect(composer(alice)).to_have_attribute("aria-invalid", "true")
    expect(composer(alice)).to_be_focused()


def test_a_thread_that_was_closed_while_its_reply_was_sent_has_no_draft_of_it(
    open_board: OpenBoard,
) -> None:
    alice = open_board("alice", viewport=WIDE)
    board.post(alice, "Lunch?")
    open_thread(alice, "Lunch?")
    late = LateAnswers(alice, "**/api/message/1/reply")
    send(alice, "Noodles")
    late.wait()
    pane(alice).get_by_role("link", name="Close").click()
    expect(pane(alice)).to_have_count(0)
    late.let_go()
    expect(line(alice)).to_contain_text("1 reply")
    open_thread(alice, "Lunch?")
    shows(alice, "Noodles")
    expect(composer(alice)).to_have_value("")


def test_replies_that_come_while_a_thread_is_under_way_are_in_it(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "One")
    gone, edited = replied(bob, root, "Gone"), replied(bob, root, "To edit")
    line(alice).get_by_text("3 replies").wait_for()
    late = LateAnswers(alice, f"**/msgs/{root}/thread")
    line(alice).get_by_role("link").click()
    late.wait()
    bob.post(f"/api/message/{gone}/deletion", json={})
    bob.post(f"/api/message/{edited}/edit", json={"message": "Edited"})
    replied(bob, root, "Late")
    line(alice).get_by_text("3 replies").wait_for()
    post(bob, "Seen")
    board.message(alice, "Seen").wait_for()
    late.let_go()
    shows(alice, "One", "Edited", "Late")


def test_what_changes_of_its_root_while_a_thread_is_under_way_is_in_it(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "One")
    late = LateAnswers(alice, f"**/msgs/{root}/thread")
    line(alice).get_by_role("link").click()
    late.wait()
    replied(bob, root, "Two")
    bob.post(f"/api/message/{root}/edit", json={"message": "Lunch at noon?"})
    bob.post(f"/api/message/{root}/reaction", json={"emoji": "👍"})
    board.message(alice, "Lunch at noon?").get_by_title("bob reacted").wait_for()
    late.let_go()
    shows(alice, "One", "Two")
    expect(alice.locator("#thread-count")).to_have_text("2 replies")
    expect(alice.locator("#thread-root .text")).to_have_text("Lunch at noon?")
    chip = alice.locator("#thread-root").get_by_role("button", name="bob reacted")
    expect(chip).not_to_have_attribute("tabindex", "-1")


def test_who_deletes_the_only_reply_is_still_in_the_thread(
    open_board: OpenBoard, program: Program
) -> None:
    alice = open_board("alice", viewport=WIDE)
    board.post(alice, "Lunch?")
    replied(program("alice"), 1, "Noodles")
    line(alice).get_by_role("link").click()
    do(alice, "Noodles", "Delete").get_by_role("button", name="Delete").click()
    shows(alice)
    expect(pane(alice).get_by_role("heading", name="Thread")).to_be_focused()


def test_on_a_phone_what_is_said_and_chosen_from_is_over_the_thread(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=PHONE)
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    line(alice).get_by_role("link").click()
    shows(alice, "Noodles")
    expect(board.message(alice, "Lunch?")).to_be_hidden()
    replied(bob, root, "Soup")
    expect(alice.get_by_role("status").filter(has_text="New reply from bob")).to_have_count(1)
    alice.keyboard.press("?")
    expect(alice.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    alice.keyboard.press("Escape")
    reply(alice, "Soup").locator(".more").click()
    reply(alice, "Soup").get_by_role("link", name="React").click()
    alice.get_by_role("dialog", name="React").get_by_role("button", name="heart").click()
    expect(reply(alice, "Soup").get_by_title("alice reacted with heart")).to_be_visible()
    alice.evaluate("document.dispatchEvent(new Event('left'))")
    told = alice.get_by_role("alert").filter(has_text="no longer in this room")
    expect(told).to_be_visible()
    told.get_by_role("link").click(trial=True)
    pane(alice).get_by_role("link", name="Close").click()
    expect(pane(alice)).to_have_count(0)
    expect(told).to_be_visible()


def test_what_a_thread_covered_on_a_phone_is_read_once_it_is_closed(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=PHONE)
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    line(alice).get_by_role("link").click()
    shows(alice, "Noodles")
    alice.wait_for_timeout(MARKED_AFTER)
    number = post(bob, "Dinner?")["id"]
    alice.locator(f"#m-{number}").wait_for(state="attached")
    alice.wait_for_timeout(MARKED_AFTER)
    with alice.expect_request("**/api/read") as asked:
        pane(alice).get_by_role("link", name="Close").click()
    assert asked.value.post_data == f"number={number}"


def test_a_thread_is_fetched_anew_with_the_list_and_keeps_what_is_being_written(
    cable: Cable, open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob, alice = program("bob"), open_board("alice", url=cable.url, viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    gone = replied(bob, root, "Gone")
    line(alice).wait_for()
    open_thread(alice, "Lunch?")
    composer(alice).fill("Half a reply")
    composer(alice).evaluate("field => field.setSelectionRange(4, 4)")
    cable.cut()
    replied(bob, root, "Noodles")
    bob.post(f"/api/message/{gone}/deletion", json={})
    cable.mend()
    alice.evaluate("document.dispatchEvent(new Event('resync'))")
    shows(alice, "Noodles")
    expect(composer(alice)).to_have_value("Half a reply")
    expect(composer(alice)).to_be_focused()
    assert composer(alice).evaluate("field => field.selectionStart") == 4


def test_older_replies_come_above_and_the_thread_holds_still(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    for number in range(55):
        replied(bob, root, f"Reply {number}")
    alice.goto(f"/msgs/{root}/thread")
    board.is_live(alice)
    expect(reply(alice, "Reply 54")).to_be_in_viewport()
    pane(alice).evaluate("pane => { pane.style.overflowAnchor = 'none'; }")  # as in Safari
    older, first = pane(alice).get_by_role("link", name="Older replies"), reply(alice, "Reply 7")
    older.scroll_into_view_if_needed()
    top = first.evaluate(TOP)
    older.click()
    expect(pane(alice).locator(SHOWN)).to_have_count(55)
    expect(older).to_have_count(0)
    assert first.evaluate(TOP) == top
    replied(bob, root, "One more")
    expect(reply(alice, "One more")).to_have_count(1)
    assert first.evaluate(TOP) == top


def test_who_reads_a_thread_has_read_what_calls_them_there(
    open_board: OpenBoard, program: Program
) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE)
    root = post(bob, "Lunch?")["id"]
    board.message(alice, "Lunch?").wait_for()
    unread = alice.locator("#rail .rail-count")
    # The server may still hold how far she read on the board of the test before.
    assert program("alice").post(f"/api/message/{root}/unread", headers=PROGRAM).is_success
    post(bob, "Dinner?")
    board.message(alice, "Dinner?").wait_for()
    alice.wait_for_timeout(MARKED_AFTER)
    with alice.expect_response("**/api/read"):  # what calls nobody is read with the list
        replied(bob, root, "Soup")
    replied(bob, root, "Noodles, @alice?")
    expect(unread).to_have_count(1)
    line(alice).get_by_role("link").click()
    expect(unread).to_have_count(0)
    replied(bob, root, "Or soup, @alice?")
    shows(alice, "Soup", "Noodles, @alice?", "Or soup, @alice?")
    expect(unread).to_have_count(0)


def test_a_thread_by_keyboard(open_board: OpenBoard, program: Program) -> None:
    bob, alice = program("bob"), open_board("alice", viewport=WIDE, reduced_motion="reduce")
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles")
    line(alice).wait_for()
    keys = alice.keyboard
    for key in "kr":
        keys.press(key)
    expect(composer(alice)).to_be_focused()
    keys.type("For me, too")
    keys.press("Shift+Enter")
    keys.type("At noon")
    keys.press("Enter")
    shows(alice, "Noodles", "For me, too\nAt noon")
    keys.press("ArrowUp")
    expect(reply(alice, "For me, too").get_by_role("textbox")).to_be_focused()
    keys.press("Escape")
    expect(reply(alice, "For me, too")).to_be_focused()
    keys.press("k")
    expect(reply(alice, "Noodles")).to_be_focused()
    keys.press("r")
    expect(composer(alice)).to_be_focused()
    for _ in range(2):
        keys.press("Escape")
    expect(pane(alice)).to_have_count(0)
    expect(board.message(alice, "Lunch?")).to_be_focused()


@pytest.mark.shows("/msgs/{message_id}/thread")
def test_axe_finds_nothing_in_an_open_thread(open_board: OpenBoard, program: Program) -> None:
    bob, alice = program("bob"), open_board("alice", reduced_motion="reduce")
    root = post(bob, "Lunch?")["id"]
    replied(bob, root, "Noodles, and " + "much " * 40)
    line(alice).wait_for()
    open_thread(alice, "Lunch?")
    send(alice, "Soup")
    expect(composer(alice)).to_have_value("")
    assert check(alice, "thread") == []
