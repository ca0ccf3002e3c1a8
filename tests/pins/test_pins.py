"""A new noun from end to end, in no other folder than its own: who would touch more, went wrong."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from service import registry
from service.access.visible import Member
from service.app import create_app
from service.base.assets import folder
from service.base.config import Settings
from service.data import db
from service.messages import messages, writing
from service.web import render
from tests.people import HTMX, MEMBERS, PAGE
from tests.pins import pins, routes, shown, step
from tests.streams import Board, running

pytestmark = [pytest.mark.anyio, MEMBERS]
TEMPLATES = str(Path(__file__).parent / "templates")
MARK = '<span class="pin">Pinned by bob</span>'


@pytest.fixture
async def board(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Board]:
    """Yield the board with its step applied, its templates found, and two lines in `registry`."""
    with db.write():
        step.up(None, db.database.obj)
    monkeypatch.setattr(render, "folder", lambda name: [folder(name), TEMPLATES])
    monkeypatch.setattr(registry, "MODULES", (*registry.MODULES, routes))
    monkeypatch.setattr(registry, "NOUNS", (*registry.NOUNS, shown.noun))
    monkeypatch.setitem(messages.ADDITIONS, "pins", pins.on_messages)
    db.close_database()
    async with running(create_app(settings)) as board:
        yield board


async def test_a_pin_is_on_its_message_for_all_callers(board: Board) -> None:
    bob = await board.sign_in("bob")
    message, other = writing.post(1, "One"), writing.post(1, "Two")
    answer = await bob.post(f"/api/message/{message.id}/pin")
    assert (answer.status_code, answer.json()["pins"]) == (200, "bob")
    listed = (await bob.get("/api/messages")).json()["messages"]
    assert [(each["id"], each.get("pins")) for each in listed] == [
        (other.id, None),
        (message.id, "bob"),
    ]
    page = (await bob.get("/msgs", headers=PAGE)).text
    assert page.count(MARK) == 1
    fragment = await bob.post(f"/api/message/{message.id}/pin", headers=HTMX | PAGE)
    assert fragment.text.startswith(f'<hx-partial hx-target="#m-{message.id}"')
    assert MARK in fragment.text
    by_form = await bob.post(f"/api/message/{message.id}/unpin", headers=PAGE)
    assert (by_form.status_code, by_form.headers["location"]) == (303, "/msgs")
    assert MARK not in (await bob.get("/msgs", headers=PAGE)).text


async def test_open_pages_and_programs_hear_of_it_in_order(board: Board) -> None:
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    stream, start = await board.open_now(alice)
    message = writing.post(1, "One")
    heard = [await stream.frame()]
    await bob.post(f"/api/message/{message.id}/pin")
    writing.post(1, "Two")
    heard += [await stream.frame(), await stream.frame()]
    assert [frame and (frame.text, MARK in frame.data) for frame in heard] == [
        ("One", False),
        ("One", True),
        ("Two", False),
    ]
    again = await board.open(alice, after=start)
    replayed = [await again.frame() for _ in range(2)]
    assert [frame and (frame.text, MARK in frame.data) for frame in replayed] == [
        ("One", True),  # once, as it is now
        ("Two", False),
    ]
    answer = (await alice.get("/api/messages", params={"after": start})).json()
    assert [(each["kind"], each["message"].get("pins")) for each in answer["events"]] == [
        ("posted", "bob"),
        ("pinned", "bob"),
        ("posted", None),
    ]


async def test_a_pin_outlives_an_edit_and_makes_its_message_newer(board: Board) -> None:
    """Pages ignore copies that are not newer than theirs."""
    alice, bob = await board.sign_in("alice"), await board.sign_in("bob")
    message = writing.post(1, "One")
    pinned = (await bob.post(f"/api/message/{message.id}/pin")).json()
    edited = await alice.post(f"/api/message/{message.id}/edit", json={"message": "One, edited"})
    assert edited.json()["pins"] == "bob"
    assert message.seq < pinned["seq"] < edited.json()["seq"]
    again = await bob.post(f"/api/message/{message.id}/pin")
    assert again.json()["seq"] == edited.json()["seq"]  # nothing changed


async def test_a_message_that_is_not_there_cannot_be_pinned(board: Board) -> None:
    bob = await board.sign_in("bob")
    assert (await bob.post("/api/message/1/pin")).status_code == 404
    message = writing.post(1, "One")
    writing.delete(Member(1), message.id)
    assert (await bob.post(f"/api/message/{message.id}/pin")).status_code == 404
