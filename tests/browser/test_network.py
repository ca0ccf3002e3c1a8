"""The network goes away, or brings nothing back."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from service.access.visible import EVERYONE
from service.messages import messages
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.people import Person

LONGEST_RETRY = 4000  # milliseconds

OpenBoard = Callable[..., Page]


def post(person: Person, text: str) -> int:
    answer = person.post("/api/message", json={"message": text})
    assert answer.status_code == 201
    return answer.json()["id"]


def not_sent(page: Page) -> None:
    expect(page.get_by_role("alert").filter(has_text="could not be sent")).to_be_visible()


def test_what_others_did_while_the_network_was_cut_arrives_once_it_is_back(
    cable: Cable, open_board: OpenBoard, program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob = program("bob")
    to_delete, to_edit, _ = post(bob, "To delete"), post(bob, "To edit"), post(bob, "To stay")
    alice = open_board("alice", url=cable.url)
    board.composer(alice).fill("Half a message")

    cable.cut()
    post(bob, "While it was cut")
    gone = post(bob, "Came and went")
    for number in (to_delete, gone):
        assert bob.post(f"/api/message/{number}/deletion", json={}).status_code == 200
    edited = bob.post(f"/api/message/{to_edit}/edit", json={"message": "Edited"})
    assert edited.status_code == 200
    expect(alice.locator("#live")).to_have_text("Reconnecting")
    board.shows(alice, "To delete", "To edit", "To stay")

    cable.mend()
    board.is_live(alice)
    board.shows(alice, "Edited", "To stay", "While it was cut")
    expect(board.composer(alice)).to_have_value("Half a message")
    board.shows_what_a_reload_shows(alice)


def test_a_message_that_could_not_be_sent_is_kept_and_sent_again(
    cable: Cable, open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice", url=cable.url)
    cable.cut()
    board.send(alice, "Nobody hears me")
    not_sent(alice)
    expect(board.composer(alice)).to_have_value("Nobody hears me")
    cable.mend()
    alice.get_by_role("button", name="Send").click()
    board.shows(alice, "Nobody hears me")
    expect(board.composer(alice)).to_have_value("")
    expect(alice.locator("#composer-error")).to_be_hidden()
    board.is_live(alice)
    board.shows_what_a_reload_shows(alice)


def test_a_message_that_was_stored_though_its_answer_got_lost_is_not_stored_twice(
    open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice")
    answers = LateAnswers(alice, "**/api/message")
    board.send(alice, "Only once")
    board.shows(alice, "Only once")
    answers.lose()
    not_sent(alice)
    expect(board.composer(alice)).to_have_value("Only once")
    alice.reload()
    expect(board.composer(alice)).to_have_value("Only once")
    alice.get_by_role("button", name="Send").click()
    expect(board.composer(alice)).to_have_value("")
    assert [m.text for m in messages.newest(EVERYONE).messages] == ["Only once"]
    board.shows(alice, "Only once")
    board.is_live(alice)


def test_a_proxys_error_page_takes_nothing_away(open_board: OpenBoard, faults: Faults) -> None:
    faults.allow("status of 502")
    alice = open_board("alice")
    alice.route(
        "**/api/message",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway"),
        times=1,
    )
    board.send(alice, "Still mine")
    not_sent(alice)
    expect(alice.get_by_text("Bad gateway")).to_have_count(0)
    expect(board.composer(alice)).to_have_value("Still mine")
    alice.get_by_role("button", name="Send").click()
    board.shows(alice, "Still mine")


def test_a_page_says_that_it_is_offline_and_comes_back(
    open_board: OpenBoard, program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob, alice = program("bob"), open_board("alice")
    alice.context.set_offline(True)
    expect(alice.locator("#live")).to_have_text("Offline")
    post(bob, "Are you there?")
    alice.context.set_offline(False)
    board.shows(alice, "Are you there?")
    board.is_live(alice)


def test_a_page_whose_first_connections_are_refused_goes_live_by_itself(
    open_board: OpenBoard, program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 503")
    bob, alice = program("bob"), open_board("alice")
    refused: list[Any] = []

    def refuse(route: Any) -> None:
        refused.append(route)
        route.fulfill(status=503, headers={"Retry-After": "30"}, body="<p>The board is full.")

    alice.route("**/api/events*", refuse, times=2)
    alice.clock.install()
    alice.reload()
    expect(alice.locator("#live")).to_have_text("Reconnecting")
    post(bob, "Before it was live")
    for number in (1, 2):
        board.eventually(alice, lambda number=number: len(refused) == number)
        alice.clock.fast_forward(LONGEST_RETRY)
    board.is_live(alice)
    board.shows(alice, "Before it was live")
    expect(alice.get_by_text("The board is full.")).to_have_count(0)


def test_a_page_ignores_what_only_a_later_release_tells(
    open_board: OpenBoard, program: Callable[[str], Person]
) -> None:
    """Its server is replaced while the page stays open: another noun's frames are nothing to it."""
    bob, alice = program("bob"), open_board("alice")
    board.post(alice, "Here before")
    frames = [
        "event: reacted\ndata: 1 thumbs-up",
        f"id: {messages.newest_cursor()}\n"
        'data: <hx-partial hx-target="#reactions-1" hx-swap="outerHTML"><p>Unknown</hx-partial>',
    ]
    alice.route(
        "**/api/events*",
        lambda route: route.fulfill(
            content_type="text/event-stream", body="".join(f"{frame}\n\n" for frame in frames)
        ),
        times=1,
    )
    with alice.expect_response("**/api/events*"):
        alice.reload()
    post(bob, "Known")
    board.is_live(alice)
    board.shows(alice, "Here before", "Known")
    expect(alice.get_by_text("Unknown")).to_have_count(0)
