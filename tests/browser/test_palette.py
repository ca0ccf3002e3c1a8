"""The palette of reactions at a message: by mouse, by key and by touch."""

from playwright.sync_api import expect

from tests.browser import board
from tests.browser.reactions import (
    PHONE,
    OpenBoard,
    Program,
    chip,
    is_pressed,
    open_palette,
    palette,
    put,
)
from tests.browser.screenshots import keep_screenshot
from tests.people import post


def test_the_palette_says_what_one_has_put_and_takes_it_back(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    board.post(alice, "One")
    put(alice, "One")
    board.message(alice, "One").get_by_role("button", name="Add a reaction").click()
    thumb = palette(alice).get_by_role("button", name="thumbs up")
    is_pressed(thumb)
    is_pressed(palette(alice).get_by_role("button", name="party"), False)
    expect(palette(alice).get_by_role("link", name="Who reacted")).to_be_visible()
    thumb.click()
    expect(board.message(alice, "One").locator(".reaction")).to_have_count(0)
    expect(board.message(alice, "One")).to_be_focused()
    open_palette(alice, "One")
    expect(palette(alice).get_by_role("link", name="Who reacted")).to_be_hidden()


def test_by_key_one_chooses_an_emoji_and_takes_it_back(open_board: OpenBoard) -> None:
    alice = open_board("alice", reduced_motion="reduce")
    board.post(alice, "One")
    keys, one = alice.keyboard, board.message(alice, "One")
    react = one.get_by_role("link", name="React")
    for key in ("Shift+Tab", "Enter", "ArrowRight", "Enter"):
        keys.press(key)
    buttons = palette(alice).get_by_role("button")
    expect(buttons.first).to_be_focused()
    steps = ("ArrowRight", 1), ("ArrowDown", 7), ("ArrowLeft", 6), ("ArrowUp", 0), ("ArrowUp", 0)
    for key, place in (*steps, ("End", 29), ("ArrowDown", 29), ("Home", 0)):
        keys.press(key)
        expect(buttons.nth(place)).to_be_focused()
    keys.press("Escape")
    expect(palette(alice)).to_be_hidden()
    expect(react).to_be_focused()
    keys.press("Enter")
    keys.press("Space")
    expect(chip(alice, "One", "alice")).to_be_focused()
    keys.press("ArrowRight")
    expect(one.get_by_role("button", name="Add a reaction")).to_be_focused()
    for key in ("Space", "ArrowRight", "Enter"):
        keys.press(key)
    expect(chip(alice, "One", "alice", emoji="👎")).to_be_focused()
    keys.press("Enter")
    expect(chip(alice, "One", "alice", emoji="👎")).to_have_count(0)
    expect(one.get_by_role("button", name="Add a reaction")).to_be_focused()
    for key in ("ArrowLeft", "Space"):
        keys.press(key)
    expect(one.locator(".reaction")).to_have_count(0)
    expect(one).to_be_focused()


def test_the_palette_stays_where_it_is_while_others_react_and_goes_with_its_message(
    open_board: OpenBoard, program: Program
) -> None:
    alice, bob = open_board("alice", reduced_motion="reduce"), program("bob")
    one, two = (post(bob, text)["id"] for text in ("One", "Two"))
    open_palette(alice, "Two")
    before = palette(alice).bounding_box()
    bob.post(f"/api/message/{one}/reaction", json={"emoji": "👍"})
    bob.post(f"/api/message/{two}/reaction", json={"emoji": "👍"})
    expect(chip(alice, "Two", "bob")).to_be_visible()
    expect(palette(alice).get_by_role("button").first).to_be_focused()
    after = palette(alice).bounding_box()
    assert before
    assert after
    assert before["x"] == after["x"]
    alice.keyboard.press("Escape")
    expect(board.message(alice, "Two").get_by_role("link", name="React")).to_be_focused()
    alice.keyboard.press("Enter")
    bob.post(f"/api/message/{two}/deletion")
    expect(palette(alice)).to_be_hidden()
    expect(board.message(alice, "One")).to_be_focused()


def test_a_press_on_what_opened_the_palette_closes_it(open_board: OpenBoard) -> None:
    alice = open_board("alice")
    board.post(alice, "One")
    open_palette(alice, "One")
    react = board.message(alice, "One").get_by_role("link", name="React")
    expect(react).to_have_attribute("aria-expanded", "true")
    react.click()
    expect(palette(alice)).to_be_hidden()
    expect(react).to_have_attribute("aria-expanded", "false")
    open_palette(alice, "One")
    board.composer(alice).click()
    expect(palette(alice)).to_be_hidden()
    expect(board.composer(alice)).to_be_focused()


def test_by_touch_the_palette_is_a_sheet(open_board: OpenBoard, program: Program) -> None:
    post(program("bob"), "One")
    alice = open_board("alice", reduced_motion="reduce", **PHONE)
    one = board.message(alice, "One")
    one.locator(".more").tap()
    one.get_by_role("link", name="React").tap()
    box = palette(alice).bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 740)
    for scheme in ("light", "dark"):
        alice.emulate_media(color_scheme=scheme)
        keep_screenshot(alice, f"palette-phone-{scheme}")
    palette(alice).get_by_role("button", name="thumbs up").tap()
    is_pressed(chip(alice, "One", "alice"))
    chip(alice, "One", "alice").tap()
    expect(one.locator(".reaction")).to_have_count(0)
