"""Searching while one types: what is asked for, what is told, and what comes late."""

from playwright.sync_api import Page, expect

from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, LateAnswers
from tests.browser.searching import asked_for, at


def test_an_answer_that_comes_late_replaces_no_newer_one(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/msgs?q=din&*")
    board.find(alice, "din")
    answers.wait()
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    answers.let_go()
    alice.wait_for_timeout(300)
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(board.field(alice)).to_have_value("lunch")
    at(alice, "/msgs?q=lunch")


def test_a_list_that_is_loaded_anew_meanwhile_loses_no_search(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/msgs?q=*")
    board.find(alice, "lunch")
    answers.wait()
    with alice.expect_response("**/msgs?role=*"):  # as after a resync
        alice.evaluate("htmx.trigger(document.getElementById('board'), 'refresh', {}, false)")
    board.is_live(alice)
    answers.let_go()
    board.shows(alice, "A late lunch", "Lunch at noon")
    at(alice, "/msgs?q=lunch")


def test_typing_goes_on_while_an_answer_is_under_way(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/msgs?q=*")
    board.find(alice, "lun")
    answers.wait()
    board.field(alice).press_sequentially("ch n")
    expect(board.field(alice)).to_have_value("lunch n")
    answers.let_go()
    board.shows(alice, "Lunch at noon")
    expect(board.field(alice)).to_have_value("lunch n")


def test_nothing_is_searched_while_a_word_is_being_composed(lunches: Page) -> None:
    alice = lunches
    asked = asked_for(alice, "/msgs?q=")
    board.field(alice).focus()
    session = alice.context.new_cdp_session(alice)
    for text in ("l", "lu", "lun"):
        fields = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        session.send("Input.imeSetComposition", fields)
        alice.wait_for_timeout(300)
    assert asked == []
    session.send("Input.insertText", {"text": "lunch"})
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(board.field(alice)).to_have_value("lunch")


def test_a_search_that_cannot_be_read_says_why_and_one_that_finds_nothing_says_so(
    lunches: Page, faults: Faults
) -> None:
    faults.allow("status of 422")
    alice = lunches
    board.find(alice, "lunch before:")
    expect(alice.get_by_text("That search can't be read")).to_be_visible()
    expect(alice.get_by_text("such as before:20")).to_be_visible()
    expect(alice.locator("#search-error")).to_be_empty()
    say_nothing = alice.get_by_text("Nothing found")
    expect(say_nothing).to_have_count(0)
    board.field(alice).press_sequentially("2020-01-01")
    expect(say_nothing).to_be_visible()
    board.find(alice, "lunch after:2020-01-01")
    board.shows(alice, "A late lunch", "Lunch at noon")


def test_a_search_that_fails_says_so_and_typing_on_asks_again(
    lunches: Page, faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = lunches
    alice.route("**/msgs?q=*", lambda route: route.abort(), times=1)
    board.find(alice, "lunch")
    error = alice.get_by_role("alert").filter(has_text="could not be searched")
    expect(error).to_be_visible()
    at(alice, "/msgs")
    board.field(alice).press_sequentially(" ")
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(error).to_have_count(0)


def test_what_is_found_is_told_once_after_a_pause(lunches: Page) -> None:
    alice = lunches
    alice.evaluate("""() => {
      window.told = [];
      const place = document.getElementById("announcer");
      new MutationObserver(() => place.textContent && told.push(place.textContent))
        .observe(place, {childList: true});
    }""")
    for text in ("l", "lu", "lunch", "lunch noon"):
        board.field(alice).fill(text)
        alice.wait_for_timeout(350)
    board.eventually(alice, lambda: alice.evaluate("told.length"))
    assert alice.evaluate("told") == ["One message found"]
