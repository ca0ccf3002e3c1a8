"""Calling people by their names: completed as they are typed, marked for whom it calls."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.browser.flaws import check
from tests.browser.screenshots import keep_screenshot
from tests.people import add_person


def test_a_name_is_completed_by_keys_and_by_pressing_it(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    for name in ("robin", "Rosa Luna"):
        add_person(name)
    field = board.composer(alice)
    options = alice.get_by_role("listbox", name="People to call").get_by_role("option")
    field.press_sequentially("Hi @ro")
    expect(options).to_have_text(["robin", "Rosa Luna"])
    keep_screenshot(alice, "mention")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("Hi @Rosa Luna ")
    expect(options).to_have_count(0)
    field.press_sequentially("and @rob")
    options.first.click(button="right")
    expect(field).to_have_value("Hi @Rosa Luna and @rob")
    options.first.click()
    expect(field).to_have_value("Hi @Rosa Luna and @robin ")
    field.press_sequentially("@ro")
    expect(options).to_have_count(2)
    field.press("Escape")
    expect(options).to_have_count(0)
    field.press("Enter")
    message = board.message(alice, "Hi")
    expect(message.locator(".mention")).to_have_text(["@Rosa Luna", "@robin"])
    field.press_sequentially("@ro")
    expect(options).to_have_count(2)
    assert check(alice, "mention") == []


def test_what_is_typed_on_behind_a_name_is_sent_and_so_is_it_from_before_it(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    add_person("robin")
    field = board.composer(alice)
    options = alice.get_by_role("listbox", name="People to call").get_by_role("option")
    field.press_sequentially("@ro")
    expect(options).to_have_text(["robin"])
    alice.keyboard.insert_text("b, lunch at noon?")
    field.press("Enter")
    expect(board.message(alice, "@rob, lunch at noon?")).to_be_visible()
    expect(field).to_have_value("")
    field.press_sequentially("Hi @rob")
    expect(options).to_have_count(1)
    alice.keyboard.insert_text("i")
    field.press("Tab")
    expect(field).to_have_value("Hi @robin ")
    field.fill("Hi @rob")
    expect(options).to_have_count(1)
    field.press("Home")
    field.press("Enter")
    expect(board.message(alice, "Hi @rob")).to_be_visible()


def test_whom_a_message_calls_sees_it_marked_at_once(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    bob = add_person("bob").id
    writing.post(bob, "@alice, look")
    writing.post(bob, "Just saying")
    expect(board.message(alice, "look")).to_have_class("message message-calls")
    expect(board.message(alice, "Just saying")).to_have_class("message")
    assert check(alice, "called") == []
    keep_screenshot(alice, "called")
