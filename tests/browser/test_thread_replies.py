"""What is written in a thread: kept, sent once, and never lost on the way."""

from playwright.sync_api import expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.browser.threads import (
    WIDE,
    OpenBoard,
    Program,
    composer,
    line,
    open_thread,
    pane,
    send,
    shows,
)
from tests.people import post


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
