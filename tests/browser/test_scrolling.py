"""Long boards: the page holds still, and older messages load by themselves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.messages import writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, LateAnswers
from tests.browser.reactions import PHONE
from tests.people import Person, add_person
from tests.servers import Server

MANY = 120


@pytest.fixture
def many(server: Server) -> list[int]:
    """Return the ids of many messages of Charlie's, the oldest first."""
    charlie = add_person("charlie").id
    return [writing.post(charlie, f"Message {number}").id for number in range(MANY)]


def at_the_end(page: Page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollHeight - innerHeight - Math.ceil(scrollY) <= 1"
    )


def top_of(page: Page, text: str) -> float:
    box = board.message(page, text).bounding_box()
    assert box
    return box["y"]


def test_older_messages_load_by_themselves_each_once(
    many: list[int], open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    assert len(board.shown(alice)) == 50
    end = alice.get_by_text("This is where the board begins.")
    for text in ("While she", "scrolls"):
        alice.mouse.wheel(0, -20_000)
        bob.post("/api/message", json={"message": text})
        expect(board.message(alice, text)).to_have_count(1)
    while not end.count():
        alice.mouse.wheel(0, -20_000)
        alice.wait_for_timeout(50)
    ids = [number for number, _, _ in board.shown(alice)]
    assert ids == [*many, many[-1] + 1, many[-1] + 2]
    expect(alice.locator(".day:visible")).to_have_count(1)


def test_a_link_to_a_message_leads_to_it_on_a_phone(
    many: list[int], open_board: Callable[..., Page]
) -> None:
    alice = open_board("alice", **PHONE)
    for number in (many[-24], many[-1], many[-22], many[-1], many[-20]):
        alice.goto(f"/msgs/{number}")
        expect(alice.locator(f"#message-{number}")).to_be_in_viewport(ratio=1)


def test_a_page_opens_at_its_end_and_stays_there(
    many: list[int], open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, alice = program("bob"), open_board("alice")
    expect(board.message(alice, f"Message {MANY - 1}")).to_be_in_viewport(ratio=1)
    assert at_the_end(alice)
    for number in range(3):
        bob.post("/api/message", json={"message": f"News {number}"})
        expect(board.message(alice, f"News {number}")).to_be_in_viewport(ratio=1)
    expect(alice.get_by_role("button", name="new message")).to_be_hidden()
    board.composer(alice).fill("Several\nlines\nof\ntext")
    expect(board.message(alice, "News 2")).to_be_in_viewport(ratio=1)
    board.eventually(alice, lambda: at_the_end(alice))
    alice.mouse.wheel(0, -3_000)
    expect(board.message(alice, "News 2")).not_to_be_in_viewport()
    alice.get_by_role("button", name="Send").click()
    expect(board.message(alice, "Several")).to_be_in_viewport(ratio=1)


def test_the_page_holds_still_while_older_messages_come_above(
    many: list[int], open_board: Callable[..., Page]
) -> None:
    alice = open_board("alice")
    answers = LateAnswers(alice, "**/msgs?before=*")
    alice.evaluate("scrollTo(0, 0)")
    answers.wait()
    place = top_of(alice, "Message 75")
    answers.let_go()
    expect(alice.locator("#messages > li")).to_have_count(100)
    assert abs(top_of(alice, "Message 75") - place) < 2


def test_a_page_that_is_scrolled_away_holds_still_and_counts(
    many: list[int], open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, elsewhere, alice = program("bob"), program("alice"), open_board("alice")
    board.message(alice, "Message 90").evaluate("article => article.scrollIntoView()")
    place = top_of(alice, "Message 90")
    pill = alice.get_by_role("button", name="new message")

    for number, words in enumerate(("1 new", "2 new", "3 new")):
        bob.post("/api/message", json={"message": f"News {number}"})
        expect(pill).to_have_text(words)
        assert abs(top_of(alice, "Message 90") - place) < 2
    elsewhere.post("/api/message", json={"message": "My own, from my phone"})
    expect(board.message(alice, "My own")).to_have_count(1)
    expect(pill).to_have_text("3 new")
    assert abs(top_of(alice, "Message 90") - place) < 2

    pill.click()
    expect(pill).to_be_hidden()
    expect(board.message(alice, "My own")).to_be_in_viewport()
    expect(board.message(alice, "My own")).to_be_focused()


def test_who_likes_it_has_the_newest_first_below_the_composer(
    many: list[int], open_board: Callable[..., Page], program: Callable[[str], Person]
) -> None:
    bob, elsewhere = program("bob"), program("alice")
    assert elsewhere.post("/api/account/look", json={"order": "newest"}).is_success
    alice = open_board("alice")
    expected = [f"Message {number}" for number in range(MANY - 1, -1, -1)]
    assert board.texts(alice) == expected[:50]
    assert alice.evaluate("scrollY") == 0
    board.post(alice, "At the top")
    expect(board.message(alice, "At the top")).to_be_in_viewport(ratio=1)
    above = board.composer(alice).bounding_box()
    assert above
    assert above["y"] < top_of(alice, "At the top") < top_of(alice, f"Message {MANY - 1}")

    board.scroll_to_older(alice)
    expect(alice.locator("#messages > li")).to_have_count(101)
    assert board.texts(alice) == ["At the top", *expected[:100]]
    bob.post("/api/message", json={"message": "Above what she reads"})
    alice.get_by_role("button", name="1 new message").click()
    expect(board.message(alice, "Above what she reads")).to_be_in_viewport(ratio=1)
    assert board.texts(alice)[:2] == ["Above what she reads", "At the top"]


def test_older_messages_that_did_not_load_can_be_asked_for_again(
    many: list[int], open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice")
    alice.route("**/msgs?before=*", lambda route: route.abort(), times=1)
    board.scroll_to_older(alice)
    expect(alice.get_by_role("alert").filter(has_text="could not be loaded")).to_be_visible()
    alice.get_by_role("link", name="Older messages").click()
    expect(board.message(alice, "Message 25")).to_have_count(1)
