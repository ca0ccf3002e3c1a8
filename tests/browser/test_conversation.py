"""A conversation as it is read: groups under one head, folded texts, one stop a message."""

import datetime as dt
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.base import clock
from service.data import db
from service.data.tables import BOARD
from service.messages import writing
from service.rooms import told
from tests.browser import board
from tests.people import Person, add_person, post
from tests.threads.doing import replied

OpenBoard = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 740}, "is_mobile": True, "has_touch": True}
FOLLOWING = """() => [...document.querySelectorAll("#messages > li")].map(
  (item) => "follows" in item.dataset)"""
HEIGHTS = """() => [".bar", ".dock"].map((part) => document.querySelector(part).offsetHeight)"""
NEAR = 10  # pixels
MOST_OF_A_PHONE = 120  # pixels that bar and composer take at rest
LONG = "\n".join(f"Line {number}" for number in range(40))
# Who writes, and how many seconds after the message before; a day passes before the last.
TALK = (
    *(("bob", 0), ("bob", 299), ("bob", 301), ("charlie", 1), ("charlie", 0)),
    *(("bob", 2), ("charlie", 3), ("bob", 86_400), ("bob", 4)),
)
FOLLOWS = [False, True, False, False, True, False, False, False, True]


def write_talk() -> None:
    ids = {name: add_person(name).id for name in ("bob", "charlie")}
    moment = clock.now() - dt.timedelta(seconds=sum(pause for _, pause in TALK))
    for number, (name, pause) in enumerate(TALK):
        moment += dt.timedelta(seconds=pause)
        writing.post(ids[name], f"Message {number}", timestamp=moment)


def test_messages_close_in_time_stand_under_one_head_as_page_and_server_say(
    open_board: OpenBoard,
) -> None:
    write_talk()
    plain = open_board("alice", java_script_enabled=False)
    assert plain.locator("#messages > li[data-follows]").count() == sum(FOLLOWS)
    page = open_board("alice")
    assert page.evaluate(FOLLOWING) == FOLLOWS
    for item in page.locator("#messages > li").all():
        item.evaluate("(item) => item.toggleAttribute('data-follows')")  # what a script finds wrong
    board.post(page, "Mine")
    board.post(page, "Mine, too")
    assert page.evaluate(FOLLOWING) == [*FOLLOWS, False, True]
    board.shows_what_a_reload_shows(page)
    assert page.evaluate(FOLLOWING) == [*FOLLOWS, False, True]


def test_what_is_under_anothers_head_has_its_time_when_it_is_looked_for(
    open_board: OpenBoard,
) -> None:
    alice = open_board("alice")
    board.post(alice, "One")
    board.post(alice, "Two")
    second = board.message(alice, "Two")
    expect(second.locator(".avatar")).to_be_hidden()
    box = second.bounding_box()
    assert box
    assert box["height"] <= 28
    alice.mouse.move(0, 0)
    expect(second.locator(".time")).to_have_css("opacity", "0")
    second.hover()
    expect(second.locator(".time")).to_have_css("opacity", "1")
    expect(second).to_have_accessible_name("alice")


def test_a_head_that_goes_leaves_its_name_to_the_next(
    open_board: OpenBoard,
) -> None:
    alice = open_board("alice")
    for text in ("One", "Two"):
        board.post(alice, text)
    board.delete(alice, "One")
    expect(board.message(alice, "Two").locator(".avatar")).to_be_visible()


def test_what_the_board_tells_is_a_line_of_its_own(open_board: OpenBoard) -> None:
    alice, bob = open_board("alice"), add_person("bob").id
    writing.post(bob, "Before")
    with db.write():
        told.tell(BOARD, bob, "Bob renamed the room")
    writing.post(bob, "After")
    line = board.message(alice, "Bob renamed the room")
    expect(line).to_have_accessible_name("Bob renamed the room")
    expect(line.locator(".avatar, .more, .actions")).to_have_count(0)
    board.shows(alice, "Before", "Bob renamed the room", "After")
    assert alice.evaluate(FOLLOWING) == [False, False, False]
    board.shows_what_a_reload_shows(alice)
    assert alice.evaluate(FOLLOWING) == [False, False, False]


def test_a_long_text_is_folded_and_can_be_had_whole(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    # The other is long, but not by its lines.
    number, _ = (post(bob, text)["id"] for text in (LONG, "x " * 160))
    replied(bob, number, "Do you mean all of it?")
    message = board.message(alice, "Line 0")
    body, line = message.locator(".body"), message.locator(".thread-line")
    expect(line).to_contain_text("1 reply")
    expect(alice.get_by_role("button", name="Show all")).to_have_count(1)
    assert body.evaluate("(body) => body.clientHeight") == 16.5 * 24
    message.get_by_role("button", name="Show all").click()
    assert body.evaluate("(body) => body.scrollHeight - body.clientHeight") == 0
    expect(message).to_be_focused()
    for count in ("1 reply", "2 replies"):
        expect(line).to_contain_text(count)
        expect(line).to_be_visible()
        expect(alice.get_by_role("button", name="Show all")).to_have_count(0)
        replied(bob, number, "Or of its end?")


def test_what_was_searched_for_and_what_is_printed_is_not_folded(open_board: OpenBoard) -> None:
    writing.post(add_person("bob").id, LONG)
    alice = open_board("alice")
    body = board.message(alice, "Line 0").locator(".body")
    folded = "(body) => body.scrollHeight > body.clientHeight"
    assert body.evaluate(folded)
    alice.emulate_media(media="print")
    assert not body.evaluate(folded)
    alice.emulate_media(media="screen")
    assert body.evaluate(folded)
    board.find(alice, '"line 39"')
    expect(alice.locator("#messages mark").first).to_be_visible()
    assert not body.evaluate(folded)
    expect(alice.get_by_role("button", name="Show all")).to_be_hidden()


def test_without_scripts_a_long_text_is_whole(
    open_board: OpenBoard,
) -> None:
    writing.post(add_person("bob").id, LONG)
    page = open_board("alice", java_script_enabled=False)
    box = board.message(page, "Line 0").bounding_box()
    assert box
    assert box["height"] > 40 * 24
    expect(page.get_by_role("button", name="Show all")).to_have_count(0)


def test_a_message_is_one_stop_of_the_tab_key(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    for text in ("One", "Two"):
        board.post(alice, text)
    keys = alice.keyboard
    for text in ("Two", "One"):
        keys.press("Shift+Tab")
        expect(board.message(alice, text)).to_be_focused()
    one = board.message(alice, "One")
    keys.press("Enter")
    expect(one.locator(".time")).to_be_focused()
    for name in ("React", "Reply", "Edit"):
        keys.press("ArrowRight")
        expect(one.get_by_role("link", name=name)).to_be_focused()
    keys.press("ArrowLeft")
    expect(one.get_by_role("link", name="Reply")).to_be_focused()
    keys.press("Escape")
    expect(one).to_be_focused()
    alice.set_viewport_size({"width": 390, "height": 740})
    keys.press("Enter")
    expect(one.locator(".time")).to_be_focused()
    keys.press("ArrowRight")
    expect(one.locator(".more")).to_be_focused()
    keys.press("Enter")
    keys.press("ArrowDown")
    expect(one.get_by_role("link", name="React")).to_be_focused()
    keys.press("Escape")
    expect(one.locator(".more")).to_be_focused()


def test_what_is_done_seldom_hangs_from_the_bar_and_gives_the_focus_back(
    open_board: OpenBoard,
) -> None:
    alice = open_board("alice")
    board.post(alice, "One")
    one, keys = board.message(alice, "One"), alice.keyboard
    more, delete = one.locator(".action-rest"), one.get_by_role("link", name="Delete")
    expect(delete).to_be_hidden()
    board.reach(alice, "One")
    expect(delete).to_be_in_viewport(ratio=1)
    box, button = delete.bounding_box(), more.bounding_box()
    assert box
    assert button
    assert abs(box["x"] + box["width"] - button["x"] - button["width"]) < NEAR
    keys.press("Escape")
    expect(delete).to_be_hidden()
    expect(more).to_be_focused()
    keys.press("Enter")
    for _ in range(5):
        keys.press("ArrowDown")
    expect(delete).to_be_focused()
    keys.press("Enter")
    expect(delete).to_be_hidden()
    expect(one.get_by_role("link", name="Keep it")).to_be_focused()


def test_the_arrow_up_in_an_empty_composer_edits_what_one_wrote_last(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    board.post(alice, "First")
    board.post(alice, "Lats")
    bob.post("/api/message", json={"message": "From another"})
    expect(board.message(alice, "From another")).to_be_visible()
    field = board.composer(alice)
    field.press_sequentially("x")
    field.press("ArrowUp")
    expect(alice.locator(".slot form")).to_have_count(0)
    field.fill("")
    field.press("ArrowUp")
    form = board.message(alice, "Lats").get_by_role("textbox")
    expect(form).to_be_focused()
    form.fill("Last")
    form.press("Enter")
    expect(board.message(alice, "Last")).to_be_focused()


def test_escape_leaves_the_composer_and_send_waits_for_a_text(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    alice.keyboard.press("n")
    field, send = board.composer(alice), alice.get_by_role("button", name="Send")
    expect(send).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    alice.keyboard.type("Half")
    expect(send).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    alice.keyboard.press("Escape")
    expect(field).not_to_be_focused()
    expect(field).to_have_value("Half")


def test_the_composer_grows_to_ten_lines(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    field = board.composer(alice)

    def lines(count: int) -> float:
        field.fill("\n".join("x" * count))
        return field.evaluate("(field) => field.clientHeight / 24")

    assert [lines(count) for count in (1, 2, 10, 30)] == [1, 2, 10, 10]


def test_on_a_phone_bar_and_composer_are_low_and_a_sheet_has_the_actions(
    open_board: OpenBoard,
) -> None:
    alice = open_board("alice", **PHONE)
    board.post(alice, "One")
    assert sum(alice.evaluate(HEIGHTS)) <= MOST_OF_A_PHONE
    edit = board.message(alice, "One").get_by_role("link", name="Edit")
    expect(edit).to_be_hidden()
    alice.get_by_role("button", name="Actions for the message").tap()
    expect(edit).to_be_in_viewport(ratio=1)
    edit.tap()
    expect(edit).to_be_hidden()
    expect(board.message(alice, "One").get_by_role("textbox")).to_be_focused()


def test_the_sheet_tells_when_and_copies_the_link(open_board: OpenBoard) -> None:
    alice = open_board("alice", permissions=["clipboard-read", "clipboard-write"], **PHONE)
    for text in ("One", "Two"):
        board.post(alice, text)
    two = board.message(alice, "Two")
    two.get_by_role("button", name="Actions for the message").tap()
    moment = two.locator("time [aria-hidden]").text_content()
    link = two.get_by_role("link", name=f"Link, {moment}")
    link.tap()
    expect(two.get_by_text("Link copied")).to_be_visible()
    copied = alice.evaluate("navigator.clipboard.readText()")
    assert copied == alice.url.replace("/msgs", "/msgs/2")
    expect(link).to_be_visible()


def test_the_sheet_needs_no_script(open_board: OpenBoard) -> None:
    alice = open_board("alice", java_script_enabled=False, **PHONE)
    board.send(alice, "One")
    alice.get_by_role("button", name="Actions for the message").tap()
    board.message(alice, "One").get_by_role("link", name="Link, ").tap()
    expect(alice).to_have_url(re.compile(r"#message-1$"))
    alice.get_by_role("button", name="Actions for the message").tap()
    board.message(alice, "One").get_by_role("link", name="Edit").tap()
    expect(alice.get_by_role("heading", name="Edit a message")).to_be_visible()
