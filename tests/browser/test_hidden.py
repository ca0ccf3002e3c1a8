"""A page in a tab that was left, and come back to."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.access.visible import EVERYONE
from service.accounts import accounts
from service.messages import messages
from tests.browser import board
from tests.browser.faults import Faults
from tests.people import PASSWORD, Person
from tests.servers import Server

POLL = 30_000  # milliseconds


def streams_ended(server: Server) -> int:
    """Return how many streams the server has logged: it logs one when it has ended."""
    return server.output().count("GET /api/events")


def say(person: Person, *texts: str) -> None:
    for text in texts:
        assert person.post("/api/message", json={"message": text}).status_code == 201


def test_a_hidden_page_lets_its_stream_go_counts_in_its_title_and_catches_up(
    server: Server, open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, elsewhere, alice = program("bob"), program("alice"), open_board("alice")
    alice.clock.install()
    alice.reload()
    board.is_live(alice)
    before = streams_ended(server)

    board.hide(alice)
    board.eventually(alice, lambda: streams_ended(server) > before)
    say(bob, "One", "Two")
    say(elsewhere, "From my phone")
    with alice.expect_response("**/rooms/rail*"):
        alice.clock.fast_forward(POLL)
    expect(alice).to_have_title("• Board")
    board.shows(alice)
    say(bob, "Three")

    board.show(alice)
    board.shows(alice, "One", "Two", "From my phone", "Three")
    expect(alice).to_have_title("Board")
    board.is_live(alice)
    say(bob, "Four")
    board.shows(alice, "One", "Two", "From my phone", "Three", "Four")
    board.shows_what_a_reload_shows(alice)


def test_a_page_that_is_loaded_hidden_opens_no_stream_until_it_is_shown(
    server: Server, open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    board.hide(alice)
    tab = alice.context.new_page()
    tab.add_init_script(
        'Object.defineProperty(document, "hidden", {value: true, configurable: true});'
        'Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true})'
    )
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto("/msgs")
    tab.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/api/events" in url]
    say(bob, "While it was hidden")
    board.show(tab)
    board.is_live(tab)
    board.shows(tab, "While it was hidden")


def test_a_page_shown_again_after_somebody_else_signed_in_does_not_write_in_their_name(
    open_board: Callable[..., Page], program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 409")
    program("bob")
    alice = open_board("alice")
    board.hide(alice)
    fields = {"username": "bob", "password": PASSWORD}
    assert alice.context.request.post("/api/login", data=fields).ok  # in another tab

    board.send(alice, "Alice's words")
    expect(alice.locator("#composer-error")).to_contain_text("signed in as bob")
    expect(board.composer(alice)).to_have_value("Alice's words")
    assert messages.newest(EVERYONE).messages == []

    bob = accounts.find("bob")
    assert bob
    board.show(alice)
    expect(alice.locator("body")).to_have_attribute("data-user", str(bob.id))
    board.is_live(alice)
    expect(board.composer(alice)).to_have_value("")
    board.post(alice, "Bob's words")
    assert [message.author for message in messages.newest(EVERYONE).messages] == ["bob"]
