"""The board by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.people import PASSWORD, Person, add_person, post
from tests.servers import Server
from tests.threads.doing import replied

MOST_TABS = 200  # the page of the API has a stop for each address
# What has the focus: its name, and whether one can see that it has it.
FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const form = element.closest(".composer, .finder");
  const lit = form !== null && getComputedStyle(form).boxShadow !== "none";
  const box = element.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\\s+/g, " "),
    id: element.id,
    lost: element === document.body,
    marked: ring || lit,
    uncovered: element.contains(hit) || Boolean(hit?.contains(element)),
  };
}"""


def focus(page: Page) -> dict[str, object]:
    """Return what has the focus, which must be somewhere, and visible."""
    found = page.evaluate(FOCUS)
    assert not found["lost"], "the focus is lost"
    assert found["marked"], f"the focus can't be seen on {found}"
    assert found["uncovered"], f"something covers {found}"
    return found


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until the focus is on what has this id or begins with this text."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        found = focus(page)
        if found["id"] == name or str(found["name"]).startswith(name):
            return
    pytest.fail(f"Tab does not lead to {name}")


def test_alice_signs_in_and_writes_by_keyboard(
    server: Server, new_page: Callable[..., Page]
) -> None:
    add_person("alice")
    alice = new_page(reduced_motion="reduce")
    keys = alice.keyboard
    alice.goto("/")
    expect(alice.get_by_label("Name")).to_be_focused()
    keys.type("alice")
    tab_to(alice, "password")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(alice).to_have_url(re.compile("/msgs$"))
    board.is_live(alice)

    keys.press("n")
    expect(board.composer(alice)).to_be_focused()
    keys.type("One line")
    keys.press("Shift+Enter")
    keys.type("n and j are letters here")
    keys.press("Enter")
    mine = board.message(alice, "One line")
    expect(mine.locator(".text")).to_have_text("One line\nn and j are letters here")
    expect(board.composer(alice)).to_have_value("")
    expect(board.composer(alice)).to_be_focused()
    focus(alice)


def walk(page: Page, *keys: str) -> None:
    """Press keys, each of which moves the focus to where it is seen."""
    for key in keys:
        page.keyboard.press(key)
        focus(page)


def write_two_lines(page: Page) -> None:
    page.keyboard.press("Control+A")
    page.keyboard.type("Two")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lines")
    focus(page)
    page.keyboard.press("Enter")


def test_alice_goes_through_the_messages_and_edits_and_deletes_her_own(
    open_board: Callable[..., Page],
) -> None:
    writing.post(add_person("bob").id, "From Bob")
    alice = open_board("alice", reduced_motion="reduce")
    keys = alice.keyboard
    board.post(alice, "One")
    mine, from_bob = board.message(alice, "One"), board.message(alice, "From Bob")

    tab_to(alice, "composer-send")
    keys_and_chosen = ("k", mine), ("k", from_bob), ("e", from_bob), ("j", mine)
    for key, chosen in keys_and_chosen:
        keys.press(key)
        expect(chosen).to_be_focused()
        focus(alice)

    keys.press("e")
    expect(mine.get_by_role("textbox")).to_be_focused()
    write_two_lines(alice)
    mine = board.message(alice, "Two")
    expect(mine.locator(".text")).to_have_text("Two\nlines")
    expect(mine).to_be_focused()
    focus(alice)

    walk(alice, "Enter", *["ArrowRight"] * 3)
    expect(mine.get_by_role("link", name="Edit")).to_be_focused()
    keys.press("Enter")
    expect(mine.get_by_role("textbox")).to_be_focused()
    keys.press("Escape")
    expect(mine).to_be_focused()
    walk(alice, *["ArrowRight"] * 5, "Enter", *["ArrowDown"] * 5)
    expect(mine.get_by_role("link", name="Delete")).to_be_focused()
    keys.press("Enter")
    expect(mine.get_by_role("link", name="Keep it")).to_be_focused()
    focus(alice)
    tab_to(alice, "Delete", "Shift+Tab")
    keys.press("Enter")
    expect(mine).to_have_count(0)
    expect(from_bob).to_be_focused()
    focus(alice)


def test_alice_searches_and_sets_filters_by_keyboard(open_board: Callable[..., Page]) -> None:
    bob = add_person("bob").id
    for text in ("Lunch at noon", "Dinner"):
        writing.post(bob, text)
    alice = open_board("alice", reduced_motion="reduce")
    keys = alice.keyboard
    keys.press("/")
    focus(alice)
    keys.type("lun")
    board.shows(alice, "Lunch at noon")
    tab_to(alice, "Search filters")
    keys.press("Enter")
    tab_to(alice, "filter-from")
    keys.type("bob")
    keys.press("Escape")
    assert focus(alice)["name"] == "Search filters"
    keys.press("Enter")
    tab_to(alice, "filter-words")
    keys.press("Control+A")
    keys.type("din")
    keys.press("Enter")
    board.shows(alice, "Dinner")
    assert focus(alice)["name"] == "Search filters"
    tab_to(alice, "Show all messages")
    keys.press("Enter")
    board.shows(alice, "Lunch at noon", "Dinner")
    keys.press("Tab")
    expect(alice.get_by_role("link", name="Skip to writing")).to_be_focused()
    keys.press("Tab")
    expect(alice.get_by_role("button", name="Today")).to_be_focused()
    for text in ("Lunch at noon", "Dinner"):
        keys.press("Tab")
        expect(board.message(alice, text)).to_be_focused()
    keys.press("Tab")
    expect(board.composer(alice)).to_be_focused()


def test_a_list_of_shortcuts_opens_and_they_can_be_switched_off(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice")
    dialog = alice.get_by_role("dialog", name="Keyboard shortcuts")
    alice.keyboard.press("?")
    expect(dialog).to_be_visible()
    focus(alice)
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    alice.goto("/account")
    tab_to(alice, "shortcuts-on")
    alice.keyboard.press("Space")
    alice.goto("/msgs")
    board.is_live(alice)
    for key in ("?", "n", "j"):
        alice.keyboard.press(key)
    expect(dialog).to_be_hidden()
    assert alice.evaluate("document.activeElement === document.body")


# What a browser tells of a key: what it writes, its place, and with which others.
PRESS = """([key, code, more]) => document.activeElement.dispatchEvent(new KeyboardEvent(
  "keydown", { key, code, bubbles: true, cancelable: true, ...more }))"""


@pytest.mark.parametrize(
    ("key", "code", "shift", "acts"),
    [
        ("N", "KeyN", False, True),  # Caps Lock
        ("т", "KeyN", False, True),  # a Russian layout
        ("\u0422", "KeyN", False, True),
        ("n", "KeyL", False, True),  # Dvorak: its letter counts, not its place
        ("b", "KeyN", False, False),
        ("N", "KeyN", True, False),
        ("\u0422", "KeyN", True, False),
        ("Dead", "KeyN", False, False),
    ],
)
def test_a_shortcut_is_its_letter_or_its_place(
    open_board: Callable[..., Page], key: str, code: str, *, shift: bool, acts: bool
) -> None:
    alice = open_board("alice")
    alice.evaluate(PRESS, [key, code, {"shiftKey": shift}])
    assert board.composer(alice).evaluate("field => field === document.activeElement") is acts


def test_keys_of_an_input_method_are_no_commands(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice")
    board.post(alice, "One")
    form = board.open_form(alice, "One", "Edit")
    board.field(alice).fill("日本")
    for field in (board.field(alice), form.get_by_role("textbox")):
        field.focus()
        for more in ({"isComposing": True}, {"keyCode": 229}):  # Chrome's way, and Safari's
            alice.evaluate(PRESS, ["Escape", "Escape", more])
    expect(board.field(alice)).to_have_value("日本")
    expect(form).to_be_visible()
    alice.evaluate(PRESS, ["Escape", "Escape", {}])
    expect(form).to_have_count(0)


def test_every_stop_of_the_tab_key_can_be_seen(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    for text in ("One", "Two", "Three"):
        board.post(alice, text)
    pages = (("/msgs", "composer-send"), ("/account", "shortcuts-on"), ("/docs", "Web"))
    for path, last in (*pages, ("/msgs?q=one", "message-1")):
        alice.goto(path)
        tab_to(alice, last)
        tab_to(alice, "Board", "Shift+Tab")


def test_the_skip_link_leads_past_the_header(open_board: Callable[..., Page]) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    alice.keyboard.press("Tab")
    focus(alice)
    expect(alice.get_by_role("link", name="Skip to the content")).to_be_focused()
    alice.keyboard.press("Enter")
    alice.keyboard.press("Tab")
    focus(alice)
    expect(alice.get_by_role("link", name="Skip to writing")).to_be_focused()
    alice.keyboard.press("Enter")
    alice.keyboard.press("Tab")
    expect(board.composer(alice)).to_be_focused()


def test_older_messages_have_the_keys_and_forms_of_the_newest(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    board.post(alice, "One")
    alice.goto("/msgs?before=99999")
    alice.keyboard.press("j")
    alice.keyboard.press("e")
    form = alice.locator(".slot form")
    expect(form.get_by_role("textbox")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(form).to_have_count(0)
    board.edit(alice, "One", "Two")
    alice.keyboard.press("/")
    expect(board.field(alice)).to_be_focused()


def test_keys_are_about_the_thread_that_covers_the_list_or_that_one_is_in(
    open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob = program("bob")
    replied(bob, post(bob, "Lunch?")["id"], "Noodles")
    alice = open_board("alice", viewport={"width": 800, "height": 800})
    alice.goto("/msgs/1/thread")
    board.is_live(alice)
    alice.evaluate("document.activeElement.blur()")
    alice.keyboard.press("j")
    expect(alice.locator(".replies article")).to_be_focused()
    alice.set_viewport_size({"width": 1280, "height": 800})
    alice.keyboard.press("n")
    expect(alice.get_by_role("textbox", name="Reply", exact=True)).to_be_focused()
    alice.evaluate("document.activeElement.blur()")
    alice.keyboard.press("n")
    expect(board.composer(alice)).to_be_focused()
