"""Reactions in place: put and taken back by a press, seen by everybody at once."""

import pytest
from playwright.sync_api import Route, expect

from service.access.visible import Member
from service.messages import writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.reactions import OpenBoard, Program, chip, is_pressed, open_palette, palette, put
from tests.browser.screenshots import keep_screenshot
from tests.people import add_person, post

NOTICE = '<div class="notice"><p data-words>Too many changes. Try again in 9 seconds.</p></div>'


def test_what_one_puts_and_takes_back_the_other_sees_at_once(open_board: OpenBoard) -> None:
    alice, bob = open_board("alice"), open_board("bob")
    board.post(alice, "One")
    put(alice, "One")
    is_pressed(chip(alice, "One", "alice"))
    expect(chip(alice, "One", "alice")).to_be_focused()
    is_pressed(chip(bob, "One", "alice"), False)
    chip(bob, "One", "alice").click()
    for page, person in ((alice, "alice"), (bob, "bob")):
        is_pressed(chip(page, "One", "alice", "bob"))
        expect(chip(page, "One", "alice", "bob")).to_have_text("👍 2")
        put(page, "One", {"alice": "🎉", "bob": "❤"}[person])
    expect(chip(alice, "One", "bob", emoji="❤")).to_be_visible()
    chip(alice, "One", "alice", "bob").click()
    is_pressed(chip(alice, "One", "bob"), False)
    expect(chip(alice, "One", "bob")).to_be_focused()
    is_pressed(chip(bob, "One", "bob"))
    assert alice.url.endswith("/msgs")
    before = board.message(alice, "One").inner_text()
    board.shows_what_a_reload_shows(alice)
    assert board.message(alice, "One").inner_text() == before


def test_who_only_reads_has_plain_links(open_board: OpenBoard, program: Program) -> None:
    add_person("gus", role="guest")
    gus, bob = open_board("gus"), program("bob")
    number = post(bob, "One")["id"]
    bob.post(f"/api/message/{number}/reaction", json={"emoji": "👍"})
    links = board.message(gus, "One").locator(".reactions").get_by_role("link")
    expect(links).to_have_text(["👍 1"])
    expect(links).to_have_attribute("title", "bob reacted with thumbs up")
    expect(board.message(gus, "One").get_by_role("link", name="React to")).to_have_count(0)
    expect(gus.locator("#palette")).to_have_count(0)
    links.click()
    expect(gus).to_have_url(gus.url.split("/msgs")[0] + f"/msgs/{number}/reactions")


def test_what_is_refused_is_told_beside_the_message(open_board: OpenBoard, faults: Faults) -> None:
    faults.allow("status of 4(04|29)", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    bob = Member(add_person("bob").id)
    writing.post(bob.user_id, "One")
    alice = open_board("alice")
    line = board.message(alice, "One").get_by_role("alert")
    put(alice, "One")
    thumb = chip(alice, "One", "alice")
    alice.route("**/reaction/removal", lambda route: route.fulfill(status=429, body=NOTICE))
    thumb.click()
    expect(line).to_have_text("Too many changes. Try again in 9 seconds.")
    expect(thumb).to_be_focused()
    alice.unroute("**/reaction/removal")
    alice.context.set_offline(True)
    thumb.click()
    expect(line).to_have_text("Your reaction could not be sent. Check the network and try again.")
    alice.context.set_offline(False)
    board.is_live(alice)
    board.hide(alice)  # it hears of nothing now
    writing.delete(bob, 1)
    thumb.click()
    expect(line).to_contain_text("no longer does")
    is_pressed(thumb)


@pytest.mark.parametrize("path", ["/msgs?before=2", "/msgs/1", "/msgs?q=one"])
def test_on_pages_of_old_and_of_found_messages_one_reacts_too(
    open_board: OpenBoard, program: Program, path: str
) -> None:
    for text in ("One", "Two"):
        post(program("bob"), text)
    alice = open_board("alice")
    alice.goto(path)
    put(alice, "One")
    is_pressed(chip(alice, "One", "alice"))
    chip(alice, "One", "alice").click()
    expect(board.message(alice, "One").locator(".reaction")).to_have_count(0)
    expect(board.message(alice, "One")).to_be_focused()


def test_in_a_thread_one_reacts_on_its_root_and_on_replies(
    open_board: OpenBoard, program: Program
) -> None:
    bob = program("bob")
    post(bob, "One")
    bob.post("/api/message/1/reply", json={"message": "Two"})
    for emoji in ("👍", "🎉"):
        bob.post("/api/message/1/reaction", json={"emoji": emoji})
    alice = open_board("alice")
    alice.goto("/msgs/1/thread")
    board.is_live(alice)
    root = alice.locator("#thread-root")
    thumb = root.get_by_role("button", name="bob reacted with thumbs up")
    thumb.click()
    thumb = root.get_by_role("button", name="bob and alice reacted with thumbs up")
    is_pressed(thumb)
    expect(thumb).to_be_focused()
    is_pressed(chip(alice, "One", "bob", "alice"))
    root.get_by_role("button", name="Add a reaction").click()
    palette(alice).get_by_role("button", name="party").click()
    party = root.get_by_role("button", name="bob and alice reacted with party")
    is_pressed(party)
    expect(party).to_be_focused()
    thumb.click()
    thumb = root.get_by_role("button", name="bob reacted with thumbs up")
    is_pressed(thumb, False)
    expect(thumb).to_be_focused()

    two = alice.locator(".replies article")
    two.hover()
    two.get_by_role("link", name="React").click()
    palette(alice).get_by_role("button", name="heart").click()
    heart = two.get_by_role("button", name="alice reacted with heart")
    is_pressed(heart)
    expect(heart).to_be_focused()
    heart.click()
    expect(heart).to_have_count(0)
    expect(two).to_be_focused()


def test_in_an_archived_room_the_words_say_so(
    open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow("status of 409")
    bob = program("bob")
    room = bob.post("/api/rooms", json={"name": "Past", "kind": "open"}).json()
    at = f"/api/rooms/{room['slug']}"
    for text in ("One", "Two"):
        number = bob.post(f"{at}/message", json={"message": text}).json()["id"]
    bob.post(f"{at}/message/{number}/reaction", json={"emoji": "👍"})
    bob.post(f"{at}/archive")
    alice = open_board("alice")
    alice.goto(at.removeprefix("/api"))
    put(alice, "Two")
    expect(board.message(alice, "Two").get_by_role("alert")).to_contain_text("archived")
    is_pressed(chip(alice, "Two", "bob"), False)
    put(alice, "One")
    expect(board.message(alice, "One").get_by_role("alert")).to_contain_text("archived")


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_what_is_being_edited_survives_a_reaction(
    open_board: OpenBoard, program: Program, faults: Faults, lost: bool
) -> None:
    faults.allow("Failed to (fetch|load)", "ERR_FAILED")
    alice, bob = open_board("alice"), program("bob")
    board.post(alice, "One")
    number = board.shown(alice)[0][0]
    bob.post(f"/api/message/{number}/reaction", json={"emoji": "🎉"})
    board.open_form(alice, "One", "Edit").get_by_role("textbox").fill("One and a half")
    bob.post(f"/api/message/{number}/reaction", json={"emoji": "👍"})
    area = alice.get_by_role("textbox", name="Edit your message")
    expect(alice.get_by_title("bob reacted with thumbs up")).to_be_visible()
    expect(area).to_be_focused()
    expect(area).to_have_value("One and a half")
    expect(alice.locator("#messages .body")).to_be_hidden()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    if lost:
        alice.route("**/reaction", lose)
    alice.get_by_title("bob reacted with thumbs up").click()
    is_pressed(alice.get_by_title("bob and alice reacted with thumbs up"))
    expect(area).to_have_value("One and a half")
    alice.get_by_role("button", name="Save").click()
    expect(board.message(alice, "One and a half").locator(".slot form")).to_have_count(0)
    expect(alice.get_by_title("bob and alice reacted with thumbs up")).to_be_visible()


def test_chips_and_palette_have_no_flaws(open_board: OpenBoard, program: Program) -> None:
    bob = program("bob")
    alice = open_board("alice", reduced_motion="reduce")
    number = post(bob, "One")["id"]
    for emoji in ("👍", "🎉"):
        bob.post(f"/api/message/{number}/reaction", json={"emoji": emoji})
    put(alice, "One")
    is_pressed(chip(alice, "One", "bob", "alice"))
    open_palette(alice, "One")
    for scheme in ("light", "dark"):
        alice.emulate_media(color_scheme=scheme)
        keep_screenshot(alice, f"palette-desktop-{scheme}")
    assert check(alice, "palette") == []
