"""Two worlds: in one Alice and Bob talk where Charlie is not. All that he gets is the same."""

import re
import secrets
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from service.access import ended, session_cookie, sessions
from service.access.tokens import Signer
from service.access.visible import Member
from service.accounts import accounts
from service.app import create_app
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.messages import writing
from service.rooms.places import BOARD_PLACE, Place
from tests.databases import BOTH, fresh_copy
from tests.people import PAGE, PROGRAM, Person, add_person, new_client
from tests.rooms.making import add, change, make, remove, say, user_of
from tests.streams import Board, Frame, Stream, running

# What Charlie does, beside asking for all there is: an address, and what he sends there. {cursor}
# and {all} are cursors he got at first, {epoch} is theirs, {secret} and {direct} rooms that he has
# never heard of.
SCRIPT: list[tuple[str, dict[str, str] | None]] = [
    ("/api/messages", None),
    ("/api/messages?after={cursor}", None),
    ("/api/messages/all", None),
    ("/api/messages/all?after={all}", None),
    ("/api/message", {"message": "A lunch?", "client_key": "charlies-first"}),
    ("/api/messages?after={cursor}", None),
    ("/api/messages/all?after={all}", None),
    ("/api/messages?q=lunch", None),
    ("/msgs?q=lunch", None),
    ("/msgs/2/edit", None),
    ("/api/message/2/edit", {"message": "A late lunch?"}),
    ("/api/message/2/edit", {"message": "Once more", "seq": "1"}),
    ("/api/message", {"message": "To be deleted", "client_key": "charlies-second"}),
    ("/api/message/3/deletion", {}),
    ("/api/messages/all?after={all}", None),
    ("/api/events?room={secret}", None),
    ("/api/rooms/{secret}/messages?after={cursor}", None),
    ("/api/rooms/{secret}/messages?q=lunch", None),
    ("/api/rooms/{secret}/message", {"message": "Let me in", "client_key": "charlies-third"}),
    ("/api/rooms/{secret}/message/1/edit", {"message": "Mine"}),
    ("/api/rooms/{secret}/message/1/deletion", {}),
    ("/api/rooms/{direct}/message", {"message": "Let me in", "client_key": "charlies-fourth"}),
    ("/rooms/{secret}?q=lunch", None),
    ("/rooms/{direct}", None),
    *((f"/api/messages?after={{epoch}}.{seq}", None) for seq in range(1, 10)),
    ("/openapi.json", None),
    ("/msgs", None),
    ("/msgs", None),
]
SECRET, DIRECT = "cavecavec1", "nestnestn1"
NAMED = {"slug": SECRET, "message_id": 2, "user_id": 1, "bot_id": 1, "provider": "none"}
# Endless, or the end of his session, or what tells the time that it took.
NOT_ASKED = {"/api/events", "/api/logout", "/healthz", "/readyz"}
MADE_ANEW = ("/account/second", "/account/passkeys")  # keys, each time
RANDOM = (
    re.compile(r"(?<=request_id\":\")[^\"]+"),
    re.compile(r"(?<=data-request=\")[^\"]+|(?<=add the number <code>)[^<]+"),
    re.compile(r"(?<=name=\"client_key\" value=\")[^\"]+"),
    re.compile(r"(?<=timestamp\":\")[^\"]+"),
    re.compile(r"\b[0-9a-f]{32}\b"),  # a session's
)
CURSOR = re.compile(r"\b[0-9a-f]{8}\.[\w-]{22}(?![\w-])")
HEADERS = {"x-request-id", "date", "set-cookie", "content-length"}


class Masked:
    """What somebody was sent: random things masked, a cursor by when it came first."""

    def __init__(self) -> None:
        self.seen: list[object] = []
        self._cursors: dict[str, str] = {}

    def take(self, what: str, answer: httpx2.Response) -> None:
        headers = {name: text for name, text in answer.headers.items() if name not in HEADERS}
        self.seen.append((what, answer.status_code, headers, self.text(answer.text)))

    def text(self, text: str) -> str:
        for pattern in RANDOM:
            text = pattern.sub("…", text)
        return CURSOR.sub(self._cursor, text)

    def _cursor(self, found: re.Match[str]) -> str:
        return self._cursors.setdefault(found[0], f"cursor {len(self._cursors) + 1}")


@contextmanager
def board(url: str) -> Generator[Settings]:
    """Open a board on a fresh database with Alice, Bob and Charlie, and a message for all."""
    db.open_database(url)
    ended.sessions.__init__()
    for name in ("alice", "bob", "charlie"):
        add_person(name)
    say(BOARD_PLACE, "alice", "Hello")
    db.close_database()
    yield Settings(secret_keys=(secrets.token_urlsafe(48),), database_url=url)


def silence() -> Iterator[None]:
    """Say nothing, as often as anybody wants."""
    while True:
        yield


def talk() -> Iterator[None]:
    """Talk, a little more each time, in a private room and in a direct message."""
    room, direct = make(SECRET, "alice", "bob"), make(DIRECT, "alice", "bob", kind="direct")
    count = 0
    while True:
        for place in (room, direct):
            count += 1
            talk_in(place, count)
        yield


def talk_in(place: Place, count: int) -> None:
    posted = [say(place, name, f"Our lunch {count}") for name in ("alice", "bob")]
    mine, bobs = Member(user_of("alice")), Member(user_of("bob"))
    writing.edit(mine, posted[0].id, f"Our late lunch {count}", room=place.id)
    writing.delete(bobs, posted[1].id, room=place.id)
    if place.slug == SECRET:
        change(place, topic=f"Lunch {count}")
        remove(place, "bob")
        add(place, "bob")


def signed_in(app: TestClient, settings: Settings, name: str) -> Person:
    signer = Signer(settings.secret_keys)
    account = accounts.get(user_of(name))
    claims = sessions.start(account.id, account.password_hash, "UTC", "A test")
    person = new_client(app)
    person.cookies.set(
        session_cookie.name(signer, "http"), signer.sign(claims), domain="board.test"
    )
    return person


def asked_of(app: TestClient) -> list[str]:
    """Return every address there is that can be asked for."""
    paths = app.get("/openapi.json").json()["paths"]
    return sorted(
        path.format(**NAMED)
        for path, methods in paths.items()
        if "get" in methods and path not in NOT_ASKED and not path.startswith(MADE_ANEW)
    )


def charlies(url: str, others: Callable[[], Iterator[None]]) -> list[object]:
    """Return all that Charlie gets while others do what they do."""
    masked = Masked()
    with board(url) as settings:
        limits = replace(settings, streams_per_user=1000, changes_per_minute=1_000_000)
        with TestClient(create_app(limits), base_url="http://board.test") as app:
            charlie, between = signed_in(app, settings, "charlie"), others()
            cursors = {
                "cursor": charlie.get("/api/messages", headers=PROGRAM).json()["cursor"],
                "all": charlie.get("/api/messages/all", headers=PROGRAM).json()["cursor"],
            }
            cursors["epoch"] = cursors["cursor"].partition(".")[0]
            rooms = {"secret": SECRET, "direct": DIRECT}
            for address, sent in [*SCRIPT, *((each, None) for each in asked_of(app))]:
                next(between)
                path = address.format(**cursors, **rooms)
                for caller in (PAGE, PROGRAM):
                    masked.take(address, ask(charlie, path, sent, caller))
    return masked.seen


def ask(
    person: Person, path: str, sent: dict[str, str] | None, caller: dict[str, str]
) -> httpx2.Response:
    caller = caller | {"accept-encoding": "identity"}
    if sent is None:
        return person.get(path, headers=caller)
    return person.post(path, data=sent, headers=caller)


def first_difference(silent: object, talking: object) -> str:
    """Return where two begin to differ, to be read by whoever has to mend it."""
    one, other = str(silent), str(talking)
    place = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    return f"{one[max(0, place - 300) : place + 100]}\n…{other[place : place + 100]}"


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing depend on when it is asked."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.usefixtures("stopped_clock")
def test_all_that_a_stranger_is_sent_is_the_same_in_both_worlds(
    kind: str, migrated: dict[str, str], postgres: str, tmp_path: Path
) -> None:
    found = []
    for name, others in (("silent", silence), ("talking", talk)):
        (tmp_path / name).mkdir()
        with fresh_copy(migrated[kind], postgres, tmp_path / name) as url:
            found.append(charlies(url, others))
    for silent, talking in zip(*found, strict=True):
        assert silent == talking, first_difference(silent, talking)


@asynccontextmanager
async def reading(url: str) -> AsyncGenerator[tuple[Board, Stream]]:
    """Open the board's page as Charlie."""
    with board(url) as settings:
        async with running(create_app(settings)) as opened:
            charlie = await opened.sign_in("charlie")
            stream, _ = await opened.open_now(charlie)
            yield opened, stream


async def streamed(url: str, others: Callable[[], Iterator[None]]) -> list[object]:
    """Return what Charlie's page is told while Alice writes to all, and others do what they do."""
    masked, between = Masked(), others()
    async with reading(url) as (opened, stream):
        charlie = await opened.sign_in("charlie")
        start = opened.newest("board")
        for number in range(3):
            next(between)
            say(BOARD_PLACE, "alice", f"For all {number}")
            next(between)
            masked.seen.append(shown(await stream.frame(), masked))
        again = await opened.open(charlie, start)
        masked.seen += [shown(await again.frame(), masked) for _ in range(3)]
        next(between)
        for each in (stream, again):
            await each.leave()
            masked.seen.append(each.unread())
    return masked.seen


def shown(frame: Frame | None, masked: Masked) -> Any:
    assert frame
    return masked.text(frame.id), frame.event, masked.text(frame.data)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.usefixtures("stopped_clock")
async def test_all_that_a_strangers_page_is_told_is_the_same_in_both_worlds(
    kind: str, migrated: dict[str, str], postgres: str, tmp_path: Path
) -> None:
    found = []
    for name, others in (("silent", silence), ("talking", talk)):
        (tmp_path / name).mkdir()
        with fresh_copy(migrated[kind], postgres, tmp_path / name) as url:
            found.append(await streamed(url, others))
    assert found[0] == found[1]
