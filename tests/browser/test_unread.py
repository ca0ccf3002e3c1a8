"""What is unread, as open pages show it: read in one of them, it is read in all."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from service.accounts import accounts
from service.rooms.places import BOARD_PLACE
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable
from tests.people import PROGRAM, Person, add_person, post
from tests.unread.made import room, say

READ = "**/api/**/read"
MARKED_AFTER = 600  # milliseconds, as it is from what is shown to its mark; see unread/read.js


def test_a_room_is_read_once_its_end_is_looked_at_and_the_tab_says_so(
    open_board: Callable[..., Page],
) -> None:
    alice = open_board("alice")
    open_board("bob")
    me, other = (accounts.find(name) for name in ("alice", "bob"))
    assert me
    assert other
    garden, talk = room("garden", me.id, other.id), room("talk", me.id, other.id, kind="direct")
    say(other.id, garden), say(other.id, talk), say(other.id, BOARD_PLACE)
    alice.goto("/account")
    expect(alice).to_have_title("(1) Account · Board")
    icon = alice.locator('link[rel="icon"]')
    assert "unread" in (icon.get_attribute("href") or "")
    rail = alice.get_by_role("navigation", name="Rooms")
    rail.get_by_role("link", name="bob").click()
    board.is_live(alice)
    expect(rail.get_by_role("link", name="bob")).not_to_contain_text("to read")
    rail.get_by_role("link", name="Garden").click()
    expect(rail.get_by_role("link", name="Garden")).not_to_contain_text("unread")
    expect(alice).to_have_title("• Garden · Board")
    rail.get_by_role("link", name="Board", exact=False).first.click()
    expect(alice).to_have_title("Board")
    assert "unread" not in (icon.get_attribute("href") or "")


def test_a_page_opens_where_one_stopped_reading_and_the_line_stays(
    open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, elsewhere = program("bob"), program("alice")
    numbers = [post(bob, f"Message {number}")["id"] for number in range(40)]
    elsewhere.post("/api/read", json={"number": numbers[9]})
    alice = open_board("alice")
    line = alice.get_by_text("New since")
    expect(line).to_be_in_viewport(ratio=1)
    expect(board.message(alice, "Message 10")).to_be_in_viewport(ratio=1)
    expect(board.message(alice, "Message 39")).not_to_be_in_viewport()
    place = alice.locator("#messages > li", has=line)
    expect(place).to_have_attribute("data-id", str(numbers[10]))
    bob.post(f"/api/message/{numbers[10]}/edit", json={"message": "Changed", "seq": 1})
    expect(board.message(alice, "Changed")).to_be_visible()
    expect(place).to_have_attribute("data-id", str(numbers[10]))
    expect(place).not_to_have_attribute("data-follows", "")
    bob.post(f"/api/message/{numbers[10]}/deletion", headers=PROGRAM)
    expect(board.message(alice, "Changed")).to_have_count(0)
    expect(place).to_have_attribute("data-id", str(numbers[11]))
    board.find(alice, "Message")
    expect(alice.locator("[data-found]")).to_have_text("39 messages found")
    expect(line).to_have_count(0)
    board.field(alice).fill("")
    expect(place).to_have_attribute("data-id", str(numbers[11]))


def test_a_room_marked_as_unread_stays_so_while_its_page_is_open(
    open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    post(bob, "One")
    current = alice.get_by_role("navigation", name="Rooms").locator("[aria-current]")
    message = board.reach(alice, "One")
    message.get_by_role("button", name="Mark unread").click()
    expect(current).to_contain_text("unread")
    marks: list[str] = []
    alice.route(READ, lambda route: (marks.append(route.request.url), route.abort()))
    post(bob, "Two")
    expect(board.message(alice, "Two")).to_be_in_viewport()
    alice.wait_for_timeout(MARKED_AFTER)
    assert marks == []
    expect(current).to_contain_text("unread")


def test_a_refused_mark_is_made_again_and_comes_before_that_it_is_unread(
    open_board: Callable[..., Page], program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 503")
    bob, elsewhere, alice = program("bob"), program("alice"), open_board("alice")
    held: list[Route] = []
    alice.route(READ, lambda route: held.append(route))  # noqa: PLW0108, Playwright marks what it is given
    alice.route(READ, lambda route: route.fulfill(status=503), times=1)
    with alice.expect_response(READ):
        post(bob, "One")
    alice.evaluate("dispatchEvent(new Event('scroll'))")
    board.eventually(alice, lambda: held)
    board.reach(alice, "One").get_by_role("button", name="Mark unread").click()
    with alice.expect_response(READ):
        held[0].continue_()

    def is_unread() -> bool:
        return elsewhere.get("/rooms", headers=PROGRAM).json()["rooms"][0]["unread"]

    board.eventually(alice, is_unread)
    alice.wait_for_timeout(MARKED_AFTER)
    assert is_unread()


def test_what_was_said_elsewhere_while_the_network_was_cut_is_told_once_it_is_back(
    cable: Cable, open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob, alice = add_person("bob").id, open_board("alice", url=cable.url)
    me = accounts.find("alice")
    assert me
    talk = room("talk", me.id, bob, kind="direct")
    cable.cut()
    expect(alice.locator("#live")).to_have_text("Reconnecting")
    say(bob, talk)
    cable.mend()
    expect(alice).to_have_title("(1) Board")


def test_without_a_script_it_leads_to_where_it_is_unread(
    open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    post(program("bob"), "One")
    alice = open_board("alice", java_script_enabled=False)
    expect(alice.get_by_text("New since")).to_have_count(0)
    message = board.reach(alice, "One")
    message.get_by_role("button", name="Mark unread").click()
    expect(alice.get_by_text("New since")).to_be_visible()
