"""An open search stays current: what is posted, edited and deleted meanwhile."""

from playwright.sync_api import Page, expect

from service.accounts import accounts
from service.messages import writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.browser.searching import (
    OpenBoard,
    Program,
    catch_ups,
    caught_up,
    change,
    is_told,
    on_both,
    remove,
    say,
)


@on_both
def test_an_open_search_stays_current(lunches: Page, program: Program) -> None:
    alice, bob = lunches, program("bob")
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    asked = catch_ups(alice)

    new = say(bob, "Lunch for all")
    board.shows(alice, "Lunch for all", "A late lunch", "Lunch at noon")
    assert board.marks(alice) == ["Lunch", "lunch", "Lunch"]
    is_told(alice, "3 messages found")
    other = say(bob, "Nothing to eat")
    change(bob, new, "Supper for all")
    board.shows(alice, "A late lunch", "Lunch at noon")
    change(bob, other, "Nothing but lunch")
    board.shows(alice, "Nothing but lunch", "A late lunch", "Lunch at noon")
    change(bob, other, "Lunch, and nothing but lunch")
    board.shows(alice, "Lunch, and nothing but lunch", "A late lunch", "Lunch at noon")
    assert board.marks(alice) == ["Lunch", "lunch", "lunch", "Lunch"]

    before = len(asked)
    remove(bob, other)
    board.shows(alice, "A late lunch", "Lunch at noon")
    alice.wait_for_timeout(1200)
    assert len(asked) == before  # what is deleted needs no asking
    say(bob, "Not for her")
    board.eventually(alice, lambda: len(asked) > before)
    caught_up(alice, asked)
    board.shows_what_a_reload_shows(alice)


@on_both
def test_older_pages_of_an_open_search_stay_current(
    open_board: OpenBoard, program: Program
) -> None:
    bob = program("bob")
    author = accounts.find("bob")
    assert author
    ids = [writing.post(author.id, f"Lunch {number}").id for number in range(120)]
    alice = open_board("alice")
    board.find(alice, "lunch")
    is_told(alice, "More than 50 messages found")
    asked = catch_ups(alice)

    change(bob, ids[60], "Was below what is shown")
    alice.wait_for_timeout(1200)
    assert asked == []
    board.scroll_to_older(alice)
    is_told(alice, "More than 100 messages found")
    board.eventually(alice, lambda: len(asked) == 1)
    change(bob, ids[30], "Supper 30")
    change(bob, ids[31], "Supper 31")
    change(bob, ids[100], "Lunch 100, later")
    expect(board.message(alice, "Lunch 100, later")).to_have_count(1)
    expect(board.message(alice, "Lunch 31")).to_have_count(0)
    expect(board.message(alice, "Lunch 30")).to_have_count(0)
    change(bob, ids[31], "Lunch 31 after all")
    expect(board.message(alice, "Lunch 31 after all")).to_have_count(1)
    is_told(alice, "More than 99 messages found")
    expected = [f"Lunch {number}" for number in range(119, 18, -1) if number not in {60, 30}]
    expected[expected.index("Lunch 100")] = "Lunch 100, later"
    expected[expected.index("Lunch 31")] = "Lunch 31 after all"
    assert board.texts(alice) == expected


def test_an_edit_that_crosses_a_page_of_older_ones_is_not_lost(
    open_board: OpenBoard, program: Program
) -> None:
    bob = program("bob")
    author = accounts.find("bob")
    assert author
    ids = [writing.post(author.id, f"Lunch {number}").id for number in range(60)]
    alice = open_board("alice")
    board.find(alice, "lunch")
    is_told(alice, "More than 50 messages found")
    answers = LateAnswers(alice, "**/msgs?before=*")
    board.scroll_to_older(alice)
    answers.wait()
    change(bob, ids[0], "Supper 0")
    change(bob, ids[1], "Lunch 1, later")
    say(bob, "Lunch after that")
    expect(board.message(alice, "Lunch after that")).to_have_count(1)
    answers.let_go()
    expect(board.message(alice, "Lunch 1, later")).to_have_count(1)
    expect(board.message(alice, "Lunch 0")).to_have_count(0)
    is_told(alice, "60 messages found")


def test_a_rush_of_messages_is_asked_for_once_a_second(lunches: Page, program: Program) -> None:
    alice, bob = lunches, program("bob")
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    asked = catch_ups(alice)
    alice.evaluate("window.began = performance.now()")
    for number in range(30):
        say(bob, f"Lunch {number}" if number % 2 else f"Dinner {number}")
        if number % 5 == 0:
            alice.wait_for_timeout(100)
    is_told(alice, "17 messages found")
    caught_up(alice, asked)
    seconds = alice.evaluate("(performance.now() - began) / 1000")
    assert 1 <= len(asked) <= seconds + 2
    expected = [f"Lunch {number}" for number in range(29, 0, -2)]
    assert board.texts(alice) == [*expected, "A late lunch", "Lunch at noon"]


def test_a_refetch_that_fails_is_made_up_for(
    lunches: Page, program: Program, faults: Faults
) -> None:
    faults.allow(*AWAY, "status of 503")
    alice, bob = lunches, program("bob")
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    asked = catch_ups(alice)
    alice.route("**/msgs/matches?*", lambda route: route.abort(), times=1)
    say(bob, "Lunch one")
    board.eventually(alice, lambda: len(asked) == 1)
    alice.route(
        "**/msgs/matches?*", lambda route: route.fulfill(status=503, body="<p>Busy</p>"), times=1
    )
    board.shows(alice, "Lunch one", "A late lunch", "Lunch at noon")
    assert len(asked) == 3
    expect(alice.get_by_text("Busy")).to_have_count(0)


def test_a_search_in_a_tab_that_was_left_catches_up(lunches: Page, program: Program) -> None:
    alice, bob = lunches, program("bob")
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    asked = catch_ups(alice)
    board.hide(alice)
    say(bob, "Lunch while she was away")
    alice.wait_for_timeout(1500)
    assert asked == []
    board.show(alice)
    board.shows(alice, "Lunch while she was away", "A late lunch", "Lunch at noon")
    expect(alice).to_have_title("• lunch · Board")  # what is found has not been read in its room


def test_a_search_goes_on_after_the_network_was_away(
    cable: Cable, open_board: OpenBoard, program: Program, faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob, alice = program("bob"), open_board("alice", url=cable.url)
    board.find(alice, "lunch")
    expect(alice.get_by_text("Nothing found")).to_be_visible()
    cable.cut()
    gone = say(bob, "Lunch at one")
    say(bob, "Lunch at two")
    remove(bob, gone)
    cable.mend()
    board.shows(alice, "Lunch at two")
    assert board.marks(alice) == ["Lunch"]


def test_matches_that_arrive_while_alice_is_further_down_are_counted(
    open_board: OpenBoard, program: Program
) -> None:
    bob = program("bob")
    author = accounts.find("bob")
    assert author
    for number in range(40):
        writing.post(author.id, f"Lunch {number}")
    alice = open_board("alice")
    alice.mouse.wheel(0, 900)
    board.find(alice, "lunch")
    is_told(alice, "40 messages found")
    assert alice.evaluate("scrollY") == 0
    board.message(alice, "Lunch 10").evaluate("article => article.scrollIntoView()")
    say(bob, "Dinner")
    say(bob, "Lunch, new")
    expect(alice.get_by_role("button", name="1 new message")).to_be_visible()
    expect(board.message(alice, "Lunch 10")).to_be_in_viewport()
