"""Answers and the live stream race: whichever comes last undoes nothing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.access.visible import EVERYONE
from service.accounts import accounts
from service.messages import messages, writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import Cable, LateAnswers
from tests.people import Person, add_person

OpenBoard = Callable[..., Page]


def newest() -> messages.MessageView:
    return messages.newest(EVERYONE).messages[0]


def test_a_live_copy_before_its_answer_which_leaves_the_focus_alone(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    answers = LateAnswers(alice, "**/api/message")
    board.send(alice, "Once")
    board.shows(alice, "Once")
    expect(board.composer(alice)).to_have_value("Once")
    board.field(alice).focus()
    answers.let_go()
    expect(board.composer(alice)).to_have_value("")
    expect(board.field(alice)).to_be_focused()
    board.shows(alice, "Once")
    board.shows_what_a_reload_shows(alice)


def test_an_answer_before_its_live_copy(
    cable: Cable, open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice", url=cable.url)
    cable.hold_stream()
    board.post(alice, "Once")
    board.edit(alice, "Once", "Once, edited")
    board.post(alice, "To delete")
    board.delete(alice, "To delete")
    bob.post("/api/message", json={"message": "The last of the stream"})
    board.shows(alice, "Once, edited")
    cable.let_stream_go()
    board.shows(alice, "Once, edited", "The last of the stream")
    board.shows_what_a_reload_shows(alice)


def test_a_late_answer_brings_no_deleted_message_back(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    alice, elsewhere = open_board("alice"), program("alice")
    answers = LateAnswers(alice, "**/api/message")
    board.send(alice, "Regretted")
    board.shows(alice, "Regretted")
    elsewhere.post(f"/api/message/{newest().id}/deletion", json={})
    board.shows(alice)
    answers.let_go()
    expect(board.composer(alice)).to_have_value("")
    board.shows(alice)


def test_an_answer_brings_no_message_back_that_was_deleted_before_it_was_shown(
    cable: Cable, open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob, alice, elsewhere = program("bob"), open_board("alice", url=cable.url), program("alice")
    answers = LateAnswers(alice, "**/api/message")
    cable.hold_stream()
    board.send(alice, "Regretted")
    answers.wait()
    elsewhere.post(f"/api/message/{newest().id}/deletion", json={})
    bob.post("/api/message", json={"message": "The last of the stream"})
    cable.let_stream_go()
    board.shows(alice, "The last of the stream")
    answers.let_go()
    expect(board.composer(alice)).to_have_value("")
    board.shows(alice, "The last of the stream")


def test_a_late_answer_does_not_overwrite_a_newer_edit(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    alice, elsewhere = open_board("alice"), program("alice")
    board.post(alice, "First")
    answers = LateAnswers(alice, "**/api/message/*/edit")
    form = board.open_form(alice, "First", "Edit")
    form.get_by_role("textbox").fill("Second")
    form.get_by_role("button", name="Save").click()
    answers.wait()
    elsewhere.post(f"/api/message/{newest().id}/edit", json={"message": "Third"})
    expect(board.message(alice, "Third")).to_have_count(1)
    answers.let_go()
    expect(form).to_have_count(0)
    board.shows(alice, "Third")
    board.shows_what_a_reload_shows(alice)


def test_older_messages_that_come_late_are_as_they_are_now(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob = add_person("bob").id
    ids = [writing.post(bob, f"Message {number}").id for number in range(60)]
    alice, elsewhere = open_board("alice"), program("bob")
    answers = LateAnswers(alice, "**/msgs?before=*")
    board.scroll_to_older(alice)
    answers.wait()
    elsewhere.post(f"/api/message/{ids[0]}/edit", json={"message": "Edited meanwhile"})
    elsewhere.post(f"/api/message/{ids[1]}/deletion", json={})
    elsewhere.post("/api/message", json={"message": "The last of the stream"})
    expect(board.message(alice, "The last of the stream")).to_have_count(1)
    answers.let_go()
    expect(alice.locator("#messages > li")).to_have_count(60)
    expected = [f"Message {number}" for number in range(2, 60)]
    assert board.texts(alice) == ["Edited meanwhile", *expected, "The last of the stream"]


def test_a_refused_answer_leaves_the_text_and_a_key_that_works(
    open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow("status of 409", "status of 422")
    alice = open_board("alice")
    account = accounts.find("alice")
    assert account
    key = alice.locator("[name=client_key]").input_value()
    writing.post(account.id, "Sent by the same form, elsewhere", key)
    board.send(alice, "Another text")
    expect(alice.get_by_role("alert").filter(has_text="another text already")).to_be_visible()
    expect(board.composer(alice)).to_have_value("Another text")
    board.post(alice, "Another text")
    board.send(alice, "x" * 4001)
    expect(alice.get_by_role("alert").filter(has_text="this one has 4001")).to_be_visible()
    expect(board.composer(alice)).to_have_value("x" * 4001)
    expect(alice.locator("#composer-count")).to_have_text("1 too many")
    board.shows(alice, "Sent by the same form, elsewhere", "Another text")
