"""What a reader may see is all that any address shows; rooms that are hidden stay so."""

import asyncio
import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from service.access.visible import EVERYONE, OPERATOR, Member
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock, words
from service.data import db, events
from service.data.tables import Message, Room
from service.keep import export
from service.live.changes import Batch, Changes, Log
from service.messages import messages, writing
from tests.people import MEMBERS, PAGE, PROGRAM, Person, SignIn, add_bot, listed, post, texts
from tests.rooms import add_room
from tests.streams import Board

# What is asked of addresses to find as much as they can; of any other, nothing.
ASKED_OF = {
    "/api{}/messages": ["", "?before=9", "?q=lunch", "?q=lunch&before=9", "?after={start}"],
    "{}": ["", "?before=9", "?q=lunch", "?q=from:alice", "?q=lunch&before=9"],
    "{}/matches": ["?q=lunch", "?q=lunch&before=9"],
    "{}/search": ["?words=lunch"],
    "{}/day": ["?on=2026-11-01"],
}
ASKED = {
    path.format(room if path.startswith("/api") else room or "/msgs"): asked
    for path, asked in ASKED_OF.items()
    for room in ("", "/rooms/{slug}")
}
ENDLESS = "/api/events"  # see the stream below
ENDS = "/api/logout"
DOCTORS = "/admin/board"  # which looks at the whole board, and tells of no message: see test_reads
NAMED = {"slug": "garden", "message_id": 2, "user_id": 1, "provider": "none"}
BY_CODE = ("/join", "/reset", "/email", "/identity", "/oidc/")  # nothing is there without one
BY_PUBLIC_URL = ("/account/passkeys/new", "/api/passkey/")  # nor without that
HIDDEN = "A lunch behind closed doors"
FROM_LOG = re.compile(r'(?:FROM|JOIN) "?(?:messages|events|message_index)\b')
INDEXING = '"words" IS'  # whatever an older release has left out, nobody sees it

Hide = Callable[[Account], Room]


@pytest.fixture(params=["private", "deleted", "another"])
def hide(request: pytest.FixtureRequest) -> Hide:
    """Return a function that makes a room that the board's page is not of, with two messages."""

    def hide(author: Account) -> Room:
        with db.write():
            kind = "private" if request.param == "private" else "open"
            gone = clock.now() if request.param == "deleted" else None
            room = Room.create(slug="hidden", kind=kind, name="Hidden", deleted_at=gone)
            for number in (1, 2):
                _write(author, room, number)
        return room

    return hide


def _write(author: Account, room: Room, number: int) -> None:
    row = Message.create(
        author=author.id,
        room=room,
        number=number,
        version=1,
        kind="text",
        text=HIDDEN,
        timestamp=clock.now(),
        words=words.indexed(HIDDEN, author.id, clock.now()),
        client_key=f"hidden-{number}",
        posted_digest="",
    )
    seq = events.append(room.id, "posted", row.id, message=row.id)
    Message.update(seq=seq).where(Message.id == row.id).execute()


def account_of(name: str) -> Account:
    account = accounts.find(name)
    assert account
    return account


def nothing_new(_: Log, cursor: events.Cursor, *_asked: object) -> Batch:
    return Batch(Changes([], cursor), (), (), (), {})


@pytest.fixture
def statements(app_client: TestClient) -> list[str]:
    """Return the statements that the application executes from now on, as they are."""
    seen: list[str] = []
    db.database.obj.query_hooks.append(lambda query: seen.append(query.sql))
    return seen


def test_no_address_shows_a_hidden_room(
    app_client: TestClient,
    sign_in: SignIn,
    hide: Hide,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Log, "batch", nothing_new)  # the hub reads for all: see the stream below
    start, alice = messages.newest_cursor(), sign_in("alice", role="admin")  # who sees every page
    hide(account_of("alice"))
    garden = add_room("garden", "open", account_of("alice").id)
    for _ in range(2):
        writing.post(account_of("alice").id, "A lunch outside", place=garden)
    named = NAMED | {"bot_id": add_bot("robot", account_of("alice")).id}
    for _ in range(2):
        post(alice, "A lunch for all")
    statements.clear()
    paths = app_client.get("/openapi.json").json()["paths"]
    reads = {path for path, methods in paths.items() if "get" in methods} - {ENDLESS, ENDS, DOCTORS}
    assert ASKED.keys() < reads
    for path in reads:
        for asked in ASKED.get(path, [""]):
            address = path.format(**named) + asked.format(start=start)
            for caller in (PAGE, PROGRAM):
                answer = alice.get(address, headers=caller)
                well = answer.status_code == 200 or answer.is_redirect
                known = well or path.startswith(BY_CODE + BY_PUBLIC_URL)
                assert known, address
                assert "closed doors" not in answer.text, address
    read = [sql for sql in statements if FROM_LOG.search(sql) and INDEXING not in sql]
    assert read
    assert [sql for sql in read if "FROM rooms WHERE" not in sql] == []


def test_a_message_is_shown_and_found_by_its_number_in_the_room(alice: Person, hide: Hide) -> None:
    room = hide(account_of("alice"))
    post(alice, "A lunch for all")
    post(alice, "A lunch for two")
    assert [(m["id"], m["text"]) for m in listed(alice)["messages"]] == [
        *((2, "A lunch for two"), (1, "A lunch for all"))
    ]
    assert texts(alice, before=2) == texts(alice, before=2, q="lunch") == ["A lunch for all"]
    alice.headers.update(PROGRAM)
    edited = alice.post("/api/message/1/edit", json={"message": "No lunch"}).json()
    assert (edited["id"], edited["text"]) == (1, "No lunch")
    assert alice.post("/api/message/2/deletion").json()["id"] == 2
    assert texts(alice) == ["No lunch"]
    with db.read():
        kept = Message.select().where(Message.room == room)
        assert {row.text for row in kept} == {HIDDEN}


def test_what_is_hidden_is_not_there_to_be_changed(alice: Person, hide: Hide) -> None:
    hide(account_of("alice"))
    alice.headers.update(PROGRAM)

    def answers(number: int) -> list[dict[str, str]]:
        asked = [
            alice.get(f"/msgs/{number}/edit"),
            alice.get(f"/msgs/{number}/deletion"),
            alice.post(f"/api/message/{number}/edit", json={"message": "Mine"}),
            alice.post(f"/api/message/{number}/deletion"),
        ]
        return [each.json() | {"request_id": "any"} for each in asked]

    assert answers(1) == answers(2) == answers(9)
    assert {answer["status"] for answer in answers(1)} == {404}


@pytest.mark.parametrize("hide", ["private", "deleted"], indirect=True)
def test_the_operator_reads_everything(account: Account, hide: Hide) -> None:
    standing = 1 if hide(account).deleted_at else 3  # what is deleted, nobody reads for others
    writing.post(account.id, "A lunch for all")
    written = "".join(export.as_jsonl("UTC", "Board"))
    assert written.count("lunch") == standing
    with db.read():
        counts = [messages.rows(me).count() for me in (OPERATOR, EVERYONE, Member(account.id))]
    assert counts == [3, standing, 1]


@MEMBERS
@pytest.mark.anyio
async def test_a_stream_brings_nothing_of_a_hidden_room(board: Board, hide: Hide) -> None:
    alice = await board.sign_in("alice")
    open_before, start = await board.open_now(alice)
    await asyncio.to_thread(lambda: hide(account_of("alice")))
    open_after, _ = await board.open_now(alice)  # though its page knows of later events
    await alice.post("/api/message", json={"message": "For all"})
    for stream in (open_before, open_after, await board.open(alice, after=start)):
        told = await stream.frame()
        while told and not told.data:  # it confirms a cursor
            told = await stream.frame()
        assert told
        assert told.text == "For all"


def test_a_kept_page_is_for_those_who_see_the_room(alice: Person, bob: Person) -> None:
    add_room("secret", "private", account_of("alice").id)
    alice.post("/api/rooms/secret/message", json={"message": "Hello"})
    for _ in range(2):
        for path in ("/rooms/secret", "/api/rooms/secret/messages"):
            for caller in (PAGE, PROGRAM):
                assert "Hello" in alice.get(path, headers=caller).text
                assert bob.get(path, headers=caller).status_code == 404


def test_a_kept_page_is_gone_with_its_room(alice: Person, bob: Person) -> None:
    asked = [
        (path, caller)
        for path in ("/rooms/secret", "/api/rooms/secret/messages")
        for caller in (PAGE, PROGRAM)
    ]
    alices = account_of("alice").id
    add_room("secret", "private", alices, account_of("bob").id, created_by=alices)
    alice.post("/api/rooms/secret/message", json={"message": "Hello"})
    alice.post("/api/account/name", data={"display_name": "Ada"})  # newer than all in the room
    assert [bob.get(path, headers=caller).status_code for path, caller in asked] == [200] * 4
    assert alice.post("/api/rooms/secret/deletion", headers=PROGRAM).is_success
    assert [bob.get(path, headers=caller).status_code for path, caller in asked] == [404] * 4
