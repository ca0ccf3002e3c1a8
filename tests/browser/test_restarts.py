"""The server dies and comes back under an open page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.data import db
from service.data.tables import Event, EventCounter, Message
from service.messages import messages, writing
from service.threads import threads
from tests.browser import board
from tests.browser.faults import Faults
from tests.browser.network import AWAY
from tests.databases import BOTH
from tests.people import add_person
from tests.servers import Server

on_both = pytest.mark.parametrize("database_url", BOTH, indirect=True)

OpenBoard = Callable[..., Page]


def account(name: str) -> int:
    found = accounts.find(name)
    assert found
    return found.id


@on_both
def test_a_page_left_open_while_the_server_is_killed_shows_what_exists_each_once(
    server: Server, open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob = add_person("bob").id
    alice = open_board("alice")
    board.post(alice, "One")
    board.post(alice, "Two")
    board.post(alice, "Three")

    server.kill()
    expect(alice.locator("#live")).to_have_text("Reconnecting")
    one, two, _ = messages.newest(EVERYONE).messages[::-1]
    writing.edit(Member(account("alice")), one.id, "One, edited meanwhile")
    writing.delete(Member(account("alice")), two.id)
    writing.post(bob, "Four")
    server.start()

    board.is_live(alice)
    board.post(alice, "Five")
    board.shows(alice, "One, edited meanwhile", "Three", "Four", "Five")
    board.shows_what_a_reload_shows(alice)


def restore_a_backup(without: str) -> None:
    """Do to the database what restoring one does that was made before a message was posted."""
    with db.write():
        lost = Message.get(Message.text == without)
        Event.delete().where(Event.message == lost).execute()
        lost.delete_instance()
        EventCounter.update(epoch="restored", seq=EventCounter.seq - 1).execute()


def test_a_restored_database_is_read_anew_and_nothing_being_written_is_lost(
    server: Server, open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    bob = add_person("bob").id
    alice = open_board("alice")
    board.post(alice, "In the backup")
    writing.post(bob, "Too late for it")
    board.shows(alice, "In the backup", "Too late for it")
    field = board.open_form(alice, "In the backup", "Edit").get_by_role("textbox")
    field.fill("Half an edit")
    board.composer(alice).fill("Half a message")

    lists: list[str] = []
    alice.on(
        "request", lambda request: lists.append(request.url) if "/msgs" in request.url else None
    )
    server.stop()
    restore_a_backup(without="Too late for it")
    writing.post(bob, "After the restore")
    server.start()

    board.shows(alice, "In the backup", "After the restore")
    board.is_live(alice)
    expect(field).to_have_value("Half an edit")
    assert lists == [f"{server.url}/msgs?role=member&writing=composer"]
    expect(board.composer(alice)).to_have_value("Half a message")
    alice.get_by_role("button", name="Save").click()
    alice.get_by_role("button", name="Send").click()
    board.shows(alice, "Half an edit", "After the restore", "Half a message")
    board.shows_what_a_reload_shows(alice)


def test_an_open_thread_is_that_of_the_restored_database(
    server: Server, open_board: OpenBoard, faults: Faults
) -> None:
    faults.allow(*AWAY)
    alice = open_board("alice", viewport={"width": 1280, "height": 800})
    board.post(alice, "Lunch?")
    me = Member(account("alice"))
    reply = threads.reply(me, 1, writing.draft(me, "Soup")).id
    writing.edit(me, reply, "Salad")
    alice.goto("/msgs/1/thread")
    board.is_live(alice)
    shown = alice.locator(".replies .text")
    expect(shown).to_have_text(["Salad"])
    server.stop()
    with db.write():
        row = Message.get(Message.text == "Salad")
        Message.update(text="Soup", version=1).where(Message.id == row).execute()
        Event.delete().where(Event.message == row, Event.kind == "edited").execute()
        EventCounter.update(epoch="restored again", seq=EventCounter.seq - 1).execute()
    server.start()
    board.is_live(alice)
    expect(shown).to_have_text(["Soup"])
