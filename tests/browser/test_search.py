"""Searching: as one types, by address, and kept current while messages arrive."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from service.accounts import accounts
from service.messages import writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY, Cable, LateAnswers
from tests.databases import BOTH
from tests.people import Person, add_person

OpenBoard = Callable[..., Page]
Program = Callable[[str], Person]

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
HOSTILE = "<img src=x onerror=alert(1)> <mark>bold</mark> </textarea> & https://example.com/<b>bold"

# A browser with much else to do: all that waits, if only for a millisecond, waits long.
BUSY = """() => {
  const wait = window.setTimeout;
  window.setTimeout = (then, milliseconds = 0) => wait(then, milliseconds + 1000);
}"""

on_both = pytest.mark.parametrize("database_url", BOTH, indirect=True)


def say(person: Person, text: str) -> int:
    answer = person.post("/api/message", json={"message": text})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def change(person: Person, number: int, text: str) -> None:
    assert person.post(f"/api/message/{number}/edit", json={"message": text}).is_success


def remove(person: Person, number: int) -> None:
    assert person.post(f"/api/message/{number}/deletion", json={}).is_success


def at(page: Page, path: str) -> None:
    """Wait until the address ends with this."""
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def is_told(page: Page, words: str) -> None:
    expect(page.locator("[data-found]")).to_have_text(words)


def caught_up(page: Page, requests: list[Request]) -> None:
    """Wait until what the stream told of last has been asked for."""
    board.eventually(page, lambda: requests and requests[-1].response())


def catch_ups(page: Page) -> list[Request]:
    """Return a list that collects the requests by which an open search stays current."""
    return asked_for(page, "/msgs/matches")


def asked_for(page: Page, part: str) -> list[Request]:
    """Return a list that collects the requests for addresses with this in them."""
    made: list[Request] = []

    def keep(request: Request) -> None:
        if part in request.url:
            made.append(request)

    page.on("request", keep)
    return made


@pytest.fixture
def lunches(open_board: OpenBoard, program: Program) -> Page:
    """Return Alice's board, on which Bob has written of lunch and of dinner."""
    bob = program("bob")
    for text in ("Lunch at noon", "Dinner at eight", "A late lunch"):
        say(bob, text)
    return open_board("alice")


def test_it_searches_while_alice_types_and_shows_the_board_again(lunches: Page) -> None:
    alice = lunches
    board.composer(alice).fill("Half a message")
    board.find(alice, "lun")
    board.shows(alice, "A late lunch", "Lunch at noon")
    assert board.marks(alice) == ["lunch", "Lunch"]
    at(alice, "/msgs?q=lun")
    expect(alice).to_have_title("lun · Board")
    is_told(alice, "2 messages found")
    expect(board.composer(alice)).to_be_hidden()
    expect(board.field(alice)).to_be_focused()

    board.field(alice).press_sequentially("ch noon")
    board.shows(alice, "Lunch at noon")
    at(alice, "/msgs?q=lunch+noon")
    is_told(alice, "One message found")
    board.is_live(alice)

    board.field(alice).fill("")
    board.shows(alice, "A late lunch", "Dinner at eight", "Lunch at noon")
    at(alice, "/msgs")
    expect(alice).to_have_title("Board")
    assert board.marks(alice) == []
    expect(board.composer(alice)).to_have_value("Half a message")


def test_back_and_forward_lead_from_search_to_board(lunches: Page) -> None:
    alice = lunches
    board.find(alice, "lunch")
    at(alice, "/msgs?q=lunch")
    board.find(alice, "dinner")
    board.shows(alice, "Dinner at eight")
    alice.get_by_role("link", name="Show all messages").click()
    at(alice, "/msgs")
    expect(board.field(alice)).to_have_value("")
    expect(board.message(alice, "A late lunch")).to_be_visible()

    alice.go_back()
    at(alice, "/msgs?q=dinner")
    board.shows(alice, "Dinner at eight")
    expect(board.field(alice)).to_have_value("dinner")
    expect(alice).to_have_title("dinner · Board")
    alice.go_back()
    at(alice, "/msgs")
    expect(board.message(alice, "A late lunch")).to_be_visible()
    alice.go_forward()
    board.shows(alice, "Dinner at eight")
    expect(board.field(alice)).to_have_value("dinner")

    alice.reload()
    board.is_live(alice)
    board.shows(alice, "Dinner at eight")
    expect(board.field(alice)).to_have_value("dinner")
    assert board.marks(alice) == ["Dinner"]
    board.find(alice, "noon")
    board.shows(alice, "Lunch at noon")


def test_stepping_on_while_a_list_arrives_loses_no_step(lunches: Page) -> None:
    alice = lunches
    board.find(alice, "dinner")
    board.shows(alice, "Dinner at eight")
    at(alice, "/msgs?q=dinner")
    alice.evaluate(BUSY)
    alice.go_back()
    expect(board.message(alice, "A late lunch")).to_be_visible()
    alice.go_forward()
    board.shows(alice, "Dinner at eight")
    at(alice, "/msgs?q=dinner")
    alice.go_back()
    at(alice, "/msgs")
    expect(board.message(alice, "A late lunch")).to_be_visible()


def test_an_answer_that_comes_late_replaces_no_newer_one(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/msgs?q=din")
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
    with alice.expect_response("**/msgs"):  # as after a resync
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
    expect(alice.get_by_text("That search can’t be read")).to_be_visible()
    expect(alice.get_by_text("such as before:20")).to_be_visible()
    expect(alice.locator("#search-error")).to_be_empty()
    say_nothing = alice.get_by_text("Nothing found")
    expect(say_nothing).to_have_count(0)
    board.field(alice).press_sequentially("2020-01-01")
    expect(say_nothing).to_be_visible()
    board.find(alice, "lunch after:2020-01-01")
    board.shows(alice, "A late lunch", "Lunch at noon")


def test_a_search_that_fails_says_so_and_enter_asks_again(lunches: Page, faults: Faults) -> None:
    faults.allow(*AWAY)
    alice = lunches
    alice.route("**/msgs?q=*", lambda route: route.abort(), times=1)
    board.find(alice, "lunch")
    error = alice.get_by_role("alert").filter(has_text="could not be searched")
    expect(error).to_be_visible()
    at(alice, "/msgs")
    board.field(alice).press("Enter")
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


def test_the_filters_are_asked_for_in_a_form(lunches: Page, program: Program) -> None:
    alice = lunches
    say(program("charlie"), "Lunch without me")
    board.find(alice, "lunch")
    filters = board.open_filters(alice)
    expect(filters.get_by_label("Words")).to_have_value("lunch")
    filters.get_by_label("From").fill("bob")
    filters.get_by_label("After the day").fill("2020-01-01")
    filters.get_by_role("button", name="Search").click()
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(filters).to_be_hidden()
    expect(board.field(alice)).to_have_value("from:bob after:2020-01-01 lunch")
    at(alice, "/msgs?q=from%3Abob+after%3A2020-01-01+lunch")

    board.find(alice, "dinner on:2020-01-02 -from:charlie from:bob from:dave")
    expect(alice.get_by_text("Nothing found")).to_be_visible()
    board.open_filters(alice)
    words = 'from:"dave" -from:"charlie" dinner'
    expect(filters.get_by_label("Words")).to_have_value(words)
    values = [each.input_value() for each in filters.locator("input").all()]
    assert values == [words, "bob", "", "", "2020-01-02"]
    alice.keyboard.press("Escape")
    expect(filters).to_be_hidden()
    board.open_filters(alice)
    alice.locator("#main").click(position={"x": 5, "y": 200})
    expect(filters).to_be_hidden()


def test_the_account_page_leads_to_a_search(lunches: Page) -> None:
    alice = lunches
    alice.goto("/account")
    board.find(alice, "noon")
    board.field(alice).press("Enter")
    at(alice, "/msgs?q=noon")
    board.shows(alice, "Lunch at noon")


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
    expect(alice).to_have_title("lunch · Board")


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


def test_an_edit_of_ones_own_in_a_search_gets_its_marks_or_leaves(
    lunches: Page, program: Program
) -> None:
    alice = lunches
    board.post(alice, "My lunch")
    board.find(alice, "lunch")
    is_told(alice, "3 messages found")
    board.edit(alice, "My lunch", "My lunch, with lunch guests")
    board.eventually(alice, lambda: board.marks(alice) == ["lunch"] * 3 + ["Lunch"])
    expect(board.message(alice, "guests").get_by_role("link", name="Edit")).to_be_focused()
    form = board.open_form(alice, "My lunch", "Edit")
    form.get_by_role("textbox").fill("My supper")
    form.get_by_role("button", name="Save").click()
    board.shows(alice, "A late lunch", "Lunch at noon")
    expect(board.message(alice, "A late lunch")).to_be_focused()


def test_a_form_somebody_writes_in_is_not_closed_by_a_search(
    lunches: Page, program: Program
) -> None:
    alice, elsewhere = lunches, program("alice")
    mine = say(elsewhere, "My lunch")
    field = board.open_form(alice, "My lunch", "Edit").get_by_role("textbox")
    field.fill("Half an edit")

    board.find(alice, "lunch")
    board.shows(alice, "My lunch", "A late lunch", "Lunch at noon")
    expect(board.message(alice, "My lunch").get_by_role("textbox")).to_have_value("Half an edit")
    board.find(alice, "dinner")
    board.shows(alice, "Dinner at eight")
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_value("Half an edit")
    alice.get_by_role("link", name="Show all messages").click()
    expect(board.message(alice, "My lunch").get_by_role("textbox")).to_have_value("Half an edit")
    expect(alice.locator("#shelf").get_by_role("textbox")).to_have_count(0)

    board.find(alice, "lunch")
    is_told(alice, "3 messages found")
    asked = catch_ups(alice)
    change(elsewhere, mine, "My supper")
    board.eventually(alice, lambda: asked)
    caught_up(alice, asked)
    open_item = alice.locator(f"#m-{mine}")
    expect(open_item).to_have_attribute("data-left", "")
    expect(open_item.get_by_role("textbox")).to_have_value("Half an edit")
    open_item.get_by_role("link", name="Cancel").click()
    board.shows(alice, "A late lunch", "Lunch at noon")
    is_told(alice, "2 messages found")


def test_a_message_sent_just_before_a_search_is_not_put_into_it(lunches: Page) -> None:
    alice = lunches
    answers = LateAnswers(alice, "**/api/message")
    board.send(alice, "No meal")
    answers.wait()
    board.find(alice, "lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    answers.let_go()
    alice.wait_for_timeout(1200)
    board.shows(alice, "A late lunch", "Lunch at noon")
    board.field(alice).fill("")
    expect(board.message(alice, "No meal")).to_have_count(1)
    expect(board.composer(alice)).to_have_value("")


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


def test_nothing_in_a_message_or_a_search_is_interpreted(
    open_board: OpenBoard, program: Program
) -> None:
    say(program("bob"), HOSTILE)
    alice = open_board("alice")
    query = '<img src=x onerror=alert(1)> <mark>bold "'
    board.find(alice, query)
    board.shows(alice, HOSTILE)
    say(program("bob"), f"{HOSTILE}, twice")
    board.shows(alice, f"{HOSTILE}, twice", HOSTILE)
    expect(alice).to_have_title(f"{query} · Board")
    for _ in range(2):
        expect(board.field(alice)).to_have_value(query)
        assert alice.locator("#board img, #board mark mark, #board b, header img").count() == 0
        assert "mark>bold" in board.marks(alice)
        alice.reload()
        board.is_live(alice)
    board.find(alice, "example")
    link = alice.locator("#messages .text mark > a").first
    expect(link).to_have_attribute("href", "https://example.com/")
    expect(link).to_have_text("https://example.com/")


def test_a_search_by_keyboard(lunches: Page, program: Program) -> None:
    alice, keys = lunches, lunches.keyboard
    board.composer(alice).fill("Half a message")
    alice.locator("#main").focus()
    keys.press("/")
    expect(board.field(alice)).to_be_focused()
    expect(board.field(alice)).to_have_value("")
    keys.type("lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    keys.press("Escape")
    expect(board.message(alice, "Dinner")).to_be_visible()
    expect(board.field(alice)).to_be_focused()
    expect(board.field(alice)).to_have_value("")
    keys.press("Escape")
    expect(board.field(alice)).not_to_be_focused()

    keys.press("/")
    keys.type("lunch")
    board.shows(alice, "A late lunch", "Lunch at noon")
    keys.press("Enter")
    board.field(alice).blur()
    keys.press("j")
    expect(board.message(alice, "A late lunch")).to_be_focused()
    say(program("bob"), "Lunch while she reads")
    board.shows(alice, "Lunch while she reads", "A late lunch", "Lunch at noon")
    expect(board.message(alice, "A late lunch")).to_be_focused()
    keys.press("j")
    expect(board.message(alice, "Lunch at noon")).to_be_focused()
    keys.press("/")
    keys.type("dinner")  # in place of what was there
    board.shows(alice, "Dinner at eight")

    board.field(alice).blur()
    keys.press("n")
    expect(board.composer(alice)).to_be_focused()
    expect(board.composer(alice)).to_have_value("Half a message")
    at(alice, "/msgs")
    expect(board.field(alice)).to_have_value("")


def test_a_search_on_a_phone(open_board: OpenBoard, program: Program) -> None:
    say(program("bob"), "Lunch " + "without-a-break" * 20)
    alice = open_board("alice", **PHONE)
    expect(alice.locator("#live")).to_be_visible()
    board.field(alice).tap()
    session = alice.context.new_cdp_session(alice)
    word = {"text": "lun", "selectionStart": 3, "selectionEnd": 3}
    session.send("Input.imeSetComposition", word)  # as its keyboard writes every word
    expect(alice.locator("#messages mark")).to_have_text("Lunch")
    expect(board.field(alice)).to_be_focused()
    board.field(alice).press("Enter")
    expect(board.field(alice)).not_to_be_focused()
    board.open_filters(alice)
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not alice.evaluate(sideways)
    add_person("charlie")
    alice.get_by_label("From").fill("charlie")
    alice.get_by_role("button", name="Search", exact=True).tap()
    expect(alice.get_by_text("Nothing found")).to_be_visible()
    alice.get_by_role("link", name="Show all messages").tap()
    expect(board.composer(alice)).to_be_visible()
