"""Threads that catch up with what came meanwhile, and what of it has been read."""

from playwright.sync_api import expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.browser.threads import (
    PHONE,
    WIDE,
    OpenBoard,
    Program,
    composer,
    line,
    open_thread,
    pane,
    shows,
)
from tests.people import PROGRAM, post
from tests.threads.doing import replied

MARKED_AFTER = 600  # milliseconds, as it is from what is shown to its mark; see unread/read.js


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
