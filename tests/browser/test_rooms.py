"""The pages on which rooms are made, found and looked after."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from service.accounts import accounts
from service.messages import writing
from service.rooms import memberships, rooms
from service.rooms.places import BOARD_PLACE
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.flaws import check
from tests.browser.screenshots import keep_screenshot
from tests.people import Person, add_person
from tests.rooms.doing import by, direct, made, me

LONG = "The room of the Right Honourable Featherstonehaughs"[:50]
TOP = "(part) => part.getBoundingClientRect().top"
FORMS = {"edit": "Edit a message", "deletion": "Delete a message", "reactions": "Reactions"}


def room_states(page: Page) -> Iterator[str]:
    alice = accounts.find("alice")
    assert alice
    bob = add_person("bob")
    add_person("x" * 50)
    page.goto("/rooms/new")
    yield "new room"
    made(bob, LONG)
    page.get_by_label("Name").fill(LONG)
    page.get_by_role("button", name="Make the room").click()
    expect(page.locator("[aria-invalid]")).to_have_value(LONG)
    yield "new room with an error"
    page.goto("/rooms/open")
    page.get_by_role("button", name=f"Join {LONG}").wait_for()
    yield "open rooms"
    slug = made(alice, "Garden", "open", bob)
    memberships.join(me(alice), by(alice), slug)
    page.goto(f"/rooms/{slug}/details")
    yield "details of a room"
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("Choose somebody")).to_be_visible()
    yield "details with an error"
    for asked, button in [
        ("Make it private…", "Make this room private"),
        ("Delete it…", "Delete this room"),
        ("Leave…", "Leave this room"),
    ]:
        page.get_by_role("link", name=asked).click()
        expect(page.get_by_role("button", name=button)).to_be_visible()
        yield asked
        page.get_by_role("link", name="Cancel").click()
    page.goto("/msgs/details")
    yield "details of the first room"
    page.goto("/direct/new")
    yield "new direct message"
    page.goto(f"/rooms/{direct(alice, bob).place.slug}/details")
    expect(page.get_by_role("heading", level=1)).to_have_text("bob")
    yield "details of a direct message"


@pytest.mark.shows(
    "/rooms/new",
    "/rooms/open",
    "/direct/new",
    "/msgs/details",
    "/rooms/{slug}/details",
    "/rooms/{slug}/private",
    "/rooms/{slug}/deletion",
    "/rooms/{slug}/leaving",
)
def test_pages_of_rooms_have_no_flaws(open_board: Callable[..., Page], faults: Faults) -> None:
    faults.allow("status of 422")
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in room_states(page) for wrong in check(page, name)] == []


def states_within_rooms(page: Page) -> Iterator[str]:
    alice, bob = accounts.find("alice"), add_person("bob")
    assert alice
    slug = made(bob, LONG)
    place = rooms.find(me(bob), slug).place
    writing.post(bob.id, "Who waters the beds?", place=place)
    page.goto(f"/rooms/{slug}")
    expect(page.get_by_role("button", name="Join")).to_be_visible()
    yield "room that one has not joined"
    memberships.join(me(alice), by(alice), slug)
    mine = writing.post(alice.id, "I water them", place=place).id
    page.reload()
    board.is_live(page)
    yield "room"
    for deed, title in FORMS.items():
        page.goto(f"/rooms/{slug}/{mine}/{deed}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        yield f"{deed} in a room"
    page.goto(f"/rooms/{slug}/pins")
    expect(page.get_by_role("complementary")).to_contain_text("Nothing is pinned here")
    yield "pins of a room"
    page.goto(f"/rooms/{slug}/{mine}/thread")
    expect(page.get_by_role("complementary")).to_contain_text("No replies yet")
    yield "thread in a room"
    talk = direct(alice, bob).place
    writing.post(bob.id, "A word with you", place=talk)
    page.goto("/rooms")
    expect(page.get_by_role("main").get_by_text("bob").first).to_be_visible()
    yield "rooms and people"


@pytest.mark.shows(
    "/rooms",
    "/rooms/{slug}",
    "/rooms/{slug}/{message_id}/edit",
    "/rooms/{slug}/{message_id}/deletion",
    "/rooms/{slug}/{message_id}/reactions",
    "/rooms/{slug}/pins",
    "/rooms/{slug}/{message_id}/thread",
)
def test_what_is_within_rooms_has_no_flaws(open_board: Callable[..., Page]) -> None:
    page = open_board("alice", reduced_motion="reduce")
    assert [wrong for name in states_within_rooms(page) for wrong in check(page, name)] == []


def test_where_one_writes_follows_the_room_and_keeps_the_draft(
    open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, page = program("bob"), open_board("alice")
    at = f"/api/rooms/{bob.post('/api/rooms', json={'name': 'Garden'}).json()['slug']}"
    page.goto(at.removeprefix("/api"))
    board.is_live(page)
    place, text = page.locator("#composer"), board.composer(page)
    expect(place.get_by_role("button", name="Join")).to_be_visible()
    for end, words in [("", "This room is archived"), ("/end", "You are not in this room yet")]:
        bob.post(f"{at}/archive{end}")
        expect(place).to_contain_text(words)
    page.request.post(f"{at}/membership")  # as in another tab
    text.fill("Half a sentence")
    bob.post(f"{at}/archive")
    expect(place).to_contain_text("This room is archived")
    expect(place).to_contain_text("Half a sentence")
    bob.post(f"{at}/archive/end")
    expect(text).to_have_value("Half a sentence")
    page.request.post(f"{at}/membership/end")
    expect(place.get_by_role("button", name="Join")).to_be_visible()


def test_what_has_ended_is_said_where_its_reader_is_and_moves_nothing(
    open_board: Callable[..., Page], program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 401", "status of 404", "htmx:sse:error")
    elsewhere, page, bob = program("alice"), open_board("alice"), add_person("bob")
    alice = accounts.find("alice")
    assert alice
    slug = made(bob, "Garden", "private", alice)
    for place in (rooms.find(me(bob), slug).place, BOARD_PLACE):
        for number in range(60):
            writing.post(alice.id, f"Message {number}", place=place)
    for path, end, words in [
        (
            f"/rooms/{slug}",
            lambda: memberships.remove(me(bob), by(bob), slug, alice.id),
            "no longer in this room",
        ),
        ("/msgs", lambda: elsewhere.post("/api/account/sessions/end", json={}), "signed out"),
    ]:
        page.goto(path)
        board.is_live(page)
        last, told = board.message(page, "Message 59"), page.get_by_role("alert")
        expect(last).to_be_in_viewport(ratio=1)
        board.eventually(page, lambda last=last: last.evaluate(TOP))  # not of a list that just went
        top = last.evaluate(TOP)
        end()
        expect(told.filter(has_text=words)).to_be_in_viewport(ratio=1)
        board.eventually(page, lambda last=last, top=top: last.evaluate(TOP) == top)
        told.filter(has_text=words).get_by_role("link").click(trial=True)
        board.composer(page).click(trial=True)
        keep_screenshot(page, words)
