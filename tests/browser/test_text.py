"""A message's text stays within its message, on the screen and where it is copied."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.people import add_person

COPIED = """() => {
  getSelection().selectAllChildren(document.getElementById("messages"));
  return getSelection().toString();
}"""
# How far a character is from the left edge of its line.
LEFT = """(element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect().left;
}"""
# Whether the last line reads from the left, whatever the one before has left open.
READS_ON = """({ firstChild: text }) => {
  const left = (at) => {
    const range = document.createRange();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect().left;
  };
  return left(text.data.lastIndexOf("second")) < left(text.data.length - 1);
}"""
TURNING = ("\u202e", "\u2067", "\u2069\u202e", "\u202e\u202c\u2069\u2067")


def test_copied_messages_are_names_times_and_texts_and_nothing_hidden(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    writing.post(add_person("bob").id, "Two\nlines")
    board.post(alice, "One")
    board.edit(alice, "One", "Uno")
    board.post(alice, "Under the same head")
    times = alice.locator(".time [aria-hidden]").all_text_contents()
    copied = [line.rstrip() for line in alice.evaluate(COPIED).splitlines() if line]
    heads = [f"bob {times[0]}", f"alice {times[1]}"]
    assert copied == ["Today", heads[0], "Two", "lines", heads[1], "Uno", "Under the same head"]


@pytest.mark.parametrize("turn", TURNING, ids=ascii)
def test_no_character_turns_around_what_stands_beside_its_text(
    open_board: Callable[..., Page], turn: str
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    board.post(alice, "plain")
    board.edit(alice, "plain", f"a {turn}b\nsecond line")
    article = board.message(alice, "second line")
    order = [article.locator(part).evaluate(LEFT) for part in (".author", ".time", ".edited")]
    assert order == sorted(order)
    assert article.locator(".text").evaluate(READS_ON)


def test_stacked_accents_cover_no_other_message(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    bob = add_person("bob").id
    for text in ("Above", "Z" + "\u0301" * 200 + "algo", "Ẩm thực ༄༅ ཀྵྐྵྨྱ ที่ปั๊ม العَرَبِيَّة"):
        writing.post(bob, text)
    expect(board.message(alice, "algo")).to_be_visible()
    above = board.message(alice, "Ẩm thực")
    covered = above.screenshot()
    board.message(alice, "algo").locator(".text").evaluate("(text) => text.style.opacity = 0")
    assert above.screenshot() == covered
