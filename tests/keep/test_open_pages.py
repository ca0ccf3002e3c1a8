"""Whoever was signed in when a backup took the board's place."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.access import ended, session_cookie, sessions
from service.access.tokens import Signer
from service.access.visible import EVERYONE
from service.base.config import Settings
from service.data import db, events
from service.data.events import Cursor
from service.data.tables import Event, EventCounter, Message, Session
from service.messages import messages
from tests.keep.restoring import counter, put_in_place
from tests.keeping import restored, story
from tests.people import PROGRAM, Person, SignIn, add_person, is_signed_in, listed, post
from tests.servers import Server, within
from tests.streams import LOG, Board, Frame, open_stream


def test_tokens_of_before_a_restore_are_refused(
    small_file: Path, bob: Person, sign_in: SignIn
) -> None:
    ended.sessions.refresh()
    assert is_signed_in(bob)
    put_in_place(small_file, replace=True)
    ended.sessions.refresh()  # every process does so every 2 seconds
    assert not is_signed_in(bob)
    assert is_signed_in(sign_in("alice"))
    assert not is_signed_in(bob)


def test_a_session_begun_right_after_a_restore_is_taken(small_file: Path, sign_in: SignIn) -> None:
    """Before the server has noticed, and for the second time."""
    for _ in range(2):
        ended.sessions.refresh()
        put_in_place(small_file, replace=True)
        alice = sign_in("alice")
        assert alice.get("/api/messages", headers=PROGRAM).status_code == 200
        ended.sessions.refresh()


def test_a_server_started_after_a_restore_refuses_them_too(
    small_file: Path, bob: Person, sign_in: SignIn
) -> None:
    put_in_place(small_file, replace=True)
    ended.sessions.__init__()  # as in a new process
    ended.sessions.refresh()
    assert not is_signed_in(bob)
    alice = sign_in("alice")
    assert is_signed_in(alice)
    ended.sessions.refresh()
    assert is_signed_in(alice)


def test_a_session_of_an_older_release_goes_on_until_the_restore(
    small_file: Path, app_client: TestClient, settings: Settings
) -> None:
    bob = add_person("bob")
    claims = sessions.start(bob.id, bob.password_hash, "UTC", "A test")
    old = replace(claims, session_id="f" * 32)  # it begins with no epoch
    with db.write():
        Session.update(id=old.session_id).where(Session.id == claims.session_id).execute()
    signer = Signer(settings.secret_keys)
    name = session_cookie.name(signer, "http")
    app_client.cookies.set(name, signer.sign(old), domain="board.test")
    ended.sessions.refresh()
    assert is_signed_in(app_client)
    put_in_place(small_file, replace=True)
    ended.sessions.refresh()
    assert not is_signed_in(app_client)


@pytest.mark.anyio
async def test_a_page_opened_with_an_old_token_ends(
    small_file: Path, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person("bob")
    bob = await board.sign_in("bob")
    watch = ended.sessions
    watch.refresh()
    stale = watch._ended

    def not_yet() -> ended.Ended:
        watch._ended, watch._read_at = stale, time.monotonic()
        return stale

    with monkeypatch.context() as patch:
        patch.setattr(watch, "refresh", not_yet)
        page, cursor = await board.open_now(bob)
        not_yet()
        put_in_place(small_file, replace=True)
        assert [frame.event for frame in await page.rest()] == ["resync"]
        not_yet()
        epoch, seq = counter()
        assert epoch != cursor.partition(".")[0]
        again = await board.open(bob, events.Cursor(epoch, seq))  # before the restore was noticed
        assert again.status == 200
        assert await again.frame() == Frame(id=board.hub.cursors.sealed(Cursor(epoch, seq)))
    assert [frame.event for frame in await again.rest()] == ["signed-out"]


@pytest.mark.anyio
async def test_a_page_that_comes_back_after_a_restore_is_refused(
    small_file: Path, board: Board
) -> None:
    add_person("bob")
    bob = await board.sign_in("bob")
    ended.sessions.refresh()
    page, _ = await board.open_now(bob)
    put_in_place(small_file, replace=True)
    assert [frame.event for frame in await page.rest()] in (["resync"], ["signed-out"])
    assert (await board.open(bob, "{}.{}".format(*counter()))).status == 401


def test_a_running_server_shows_the_restored_board(
    database: None, database_url: str, server: Server, file: Path
) -> None:
    add_person("zoe")
    zoe = server.sign_in("zoe", "correct horse battery")
    cursor = zoe.get("/api/messages").json()["cursor"]
    with open_stream(zoe, cursor) as frames:
        restored(database_url, file, "--replace")
        last = list(frames)[-1]  # it ends, for whichever reason is noticed first
        assert last.event in {"resync", "signed-out"}
    within(5, lambda: not is_signed_in(zoe))
    alice = server.sign_in("alice", "correct horse battery")
    listed = alice.get("/api/messages").json()["messages"]
    assert listed[0]["text"] == "Second thoughts"
    assert alice.post("/api/message", json={"message": "New"}).status_code == 201


@pytest.mark.parametrize("change", ["", "/{id}/edit", "/{id}/deletion"])
def test_a_change_that_waited_for_a_restore_is_nobodys(
    alice: Person, sign_in: SignIn, change: str
) -> None:
    """A fresh token is believed without a look; behind the restore its ids are other people's."""
    message = post(alice, "Mine")
    before = listed(alice)
    with db.write():
        Session.delete().execute()  # as a restore does
    path = "/api/message" + change.format(id=message["id"])
    assert alice.post(path, json={"message": "Somebody else's"}).status_code == 401
    assert listed(sign_in("alice")) == before


def test_a_restore_in_the_middle_of_a_look_is_a_resync_at_the_next(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    story()
    cursor = replace(messages.newest_cursor(), seq=0)
    real = events.after

    def interrupted(*given: Any) -> events.Replay:
        found = real(*given)
        with ThreadPoolExecutor() as other:
            other.submit(empty).result()
        return found

    monkeypatch.setattr(events, "after", interrupted)
    found = LOG.after(EVERYONE, cursor)
    assert (len(found.changes), found.resync) == (found.cursor.seq, False)  # as it was before
    monkeypatch.undo()
    assert LOG.after(EVERYONE, found.cursor).resync


def empty() -> None:
    with db.write():
        Event.delete().execute()
        Message.delete().execute()
        EventCounter.update(epoch="restored").execute()
