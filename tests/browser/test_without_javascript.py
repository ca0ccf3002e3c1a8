"""Everything works with JavaScript off."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from service.access.visible import EVERYONE
from service.messages import messages, writing
from tests.browser import board
from tests.browser.faults import Faults
from tests.people import PASSWORD, Person, add_person
from tests.servers import Server


def at(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(f"{path}$"))


def follow(page: Page, text: str, action: str) -> None:
    board.reach(page, text).get_by_role("link", name=action).click()


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Sign in").click()


def test_alice_signs_in_reads_posts_edits_deletes_and_signs_out(
    server: Server, new_page: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 4(01|22)")
    bob = add_person("bob").id
    for number in range(60):
        writing.post(bob, f"Message {number}")
    alice = add_person("alice").id  # what is there before her is nothing new to her
    page = new_page(java_script_enabled=False)

    page.goto("/")
    sign_in(page, "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    expect(page.get_by_label("Name")).to_have_value("alice")
    sign_in(page, PASSWORD)
    at(page, "/msgs")
    expect(board.message(page, "Message 59")).to_be_in_viewport()
    page.get_by_role("link", name="Older messages").click()
    board.shows(page, *[f"Message {number}" for number in range(10)])
    page.get_by_role("button", name="Today").click()
    page.locator("#to-day").fill("2020-01-01")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(board.message(page, "Message 0")).to_be_in_viewport()
    page.get_by_role("link", name="Newest messages").click()
    expect(board.message(page, "Message 59")).to_be_in_viewport()
    post_two_lines(page)
    edit_them(page)
    delete_what_was_edited(page)
    assert alice not in {message.author_id for message in messages.newest(EVERYONE).messages}
    choose_a_zone(page)
    sign_out(page)
    page.goto("/msgs")
    at(page, "/")


def post_two_lines(page: Page) -> None:
    board.composer(page).fill("Two\nlines")
    page.get_by_role("button", name="Send").click()
    at(page, "/msgs#end")
    expect(board.message(page, "Two")).to_be_in_viewport()
    expect(board.message(page, "Two").locator(".text")).to_have_text("Two\nlines")
    zone = board.message(page, "Two").locator("time .sr-only")
    expect(zone).to_contain_text("JST")


def edit_them(page: Page) -> None:
    follow(page, "Two", "Edit")
    page.get_by_role("textbox").fill("x" * 4001)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="this one has 4001")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("x" * 4001)
    page.get_by_role("textbox").fill("Now edited")
    page.get_by_role("button", name="Save").click()
    at(page, r"/msgs#message-\d+")
    expect(board.message(page, "Now edited").locator(".edited")).to_be_visible()


def delete_what_was_edited(page: Page) -> None:
    follow(page, "Now edited", "Delete")
    expect(page.get_by_text("Now edited")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    follow(page, "Now edited", "Delete")
    page.get_by_role("button", name="Delete").click()
    at(page, r"/msgs#message-\d+")
    expect(board.message(page, "Now edited")).to_have_count(0)


def choose_a_zone(page: Page) -> None:
    board.open_menu(page)
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Times are shown in").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save the time zone").click()
    expect(page.get_by_role("status")).to_have_text("Your time zone is set.")
    expect(page.get_by_label("Times are shown in")).to_have_value("Europe/Berlin")


def sign_out(page: Page) -> None:
    board.open_menu(page)
    page.locator(".menu-list").get_by_role("button", name="Sign out").click()
    at(page, "/")


def test_alice_searches_sets_filters_and_reads_older_matches(
    open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 422")
    bob, charlie = add_person("bob").id, add_person("charlie").id
    for number in range(60):
        writing.post(bob, f"Lunch {number}")
        writing.post(charlie, f"Dinner {number}")
    page = open_board("alice", java_script_enabled=False)

    search(page, "lunch")
    at(page, r"/search\?q=lunch")
    read_all_about_lunch(page)
    set_filters(page, words="5", author="charlie")
    at(page, r"/search\?q=from%3Acharlie%205")
    finds(page, *[f"Dinner {number}" for number in range(59, 49, -1)], "Dinner 5")
    page.get_by_role("link", name="from:charlie: search without it").click()
    expect(page.locator(".hit")).to_have_count(22)

    search(page, "dinner on:whenever")
    expect(page.get_by_text("on: needs a day")).to_be_visible()
    expect(board.field(page)).to_have_value("dinner on:whenever")
    search(page, "breakfast")
    expect(page.get_by_text("Nothing found")).to_be_visible()

    page.goto("/account")
    search(page, "lunch 7")
    finds(page, "Lunch 7")
    page.goto("/msgs?q=lunch+7")  # of one room, as by a bookmark
    board.shows(page, "Lunch 7")
    page.get_by_role("link", name="Show all messages").click()
    at(page, "/msgs")
    expect(board.composer(page)).to_be_visible()
    expect(board.field(page)).to_have_value("")


def search(page: Page, text: str) -> None:
    board.field(page).fill(text)
    board.field(page).press("Enter")


def finds(page: Page, *expected: str) -> None:
    expect(page.locator(".hit .text")).to_have_text(list(expected))


def read_all_about_lunch(page: Page) -> None:
    finds(page, *[f"Lunch {number}" for number in range(59, 9, -1)])
    expect(page.locator(".hit mark")).to_have_text(["Lunch"] * 50)
    expect(page.get_by_text("More than 50 messages found")).to_be_visible()
    expect(page).to_have_title("lunch · Search · Board")
    page.get_by_role("link", name="Older messages").click()
    finds(page, *[f"Lunch {number}" for number in range(9, -1, -1)])
    expect(page.get_by_text("That is all that was found.")).to_be_visible()
    expect(board.field(page)).to_have_value("lunch")
    page.get_by_role("link", name="Newest messages found").click()
    expect(page.locator(".hit")).to_have_count(50)


def set_filters(page: Page, words: str, author: str) -> None:
    filters = board.open_filters(page)
    expect(filters.get_by_label("Words")).to_have_value("lunch")
    filters.get_by_label("Words").fill(words)
    filters.get_by_label("From").fill(author)
    filters.get_by_role("button", name="Search").click()


def test_a_message_that_is_refused_comes_back_with_its_text(
    open_board: Callable[..., Page], faults: Faults
) -> None:
    faults.allow("status of 422")
    page = open_board("alice", java_script_enabled=False)
    for text, words in (("x" * 4001, "this one has 4001"), ("  ", "Write something first.")):
        board.send(page, text)
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        expect(board.composer(page)).to_have_value(text)
    board.send(page, "Short enough")
    expect(board.composer(page)).to_have_value("")
    board.shows(page, "Short enough")


def test_what_was_written_when_the_session_had_ended_is_on_the_page_that_says_so(
    open_board: Callable[..., Page], program: Callable[[str], Person], faults: Faults
) -> None:
    faults.allow("status of 401")
    elsewhere, page = program("alice"), open_board("alice", java_script_enabled=False)
    assert elsewhere.post("/api/account/sessions/end", json={}).is_success
    board.send(page, "\nTwo <b>\nlines")
    kept = page.get_by_label("What you wrote")
    expect(kept).to_have_value("\nTwo <b>\nlines")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, PASSWORD)
    at(opened.value, "/msgs")
    page.get_by_role("button", name="Send again").click()
    at(page, "/msgs#end")
    board.shows(page, "\nTwo <b>\nlines")
