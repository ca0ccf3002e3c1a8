"""The event log: numbers in the order of commits, and cursors that never pass what is missing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg2
import pytest

from service.access import visible
from service.access.visible import EVERYONE, Member
from service.accounts.accounts import Account
from service.base import clock
from service.data import db, events
from service.data.events import Cursor
from service.data.tables import BOARD, Event, EventCounter, Message, Room
from service.messages import messages, writing
from tests.streams import LOG

DEADLINE = 20


def numbers() -> list[int]:
    with db.read():
        return [event.seq for event in Event.select().order_by(Event.seq)]


def seen_after(cursor: Cursor) -> list[tuple[str, str]]:
    return [(change.kind, change.view.text) for change in LOG.after(EVERYONE, cursor).changes]


def test_every_change_is_numbered_in_order(account: Account) -> None:
    start = messages.newest_cursor()
    first = writing.post(account.id, "One")
    second = writing.post(account.id, "Two")
    writing.edit(Member(account.id), first.id, "One, edited")
    writing.delete(Member(account.id), second.id)
    found = LOG.after(EVERYONE, start)
    assert [(c.cursor.seq, c.kind, c.view.id) for c in found.changes] == [
        (1, "posted", first.id),
        (2, "posted", second.id),
        (3, "edited", first.id),
        (4, "deleted", second.id),
    ]
    assert found.cursor == messages.newest_cursor() == Cursor(start.epoch, 4)


def test_a_version_rises_with_each_change_and_tells_nothing_of_others(account: Account) -> None:
    posted = writing.post(account.id, "One")
    writing.post(account.id, "Two")
    edited = writing.edit(Member(account.id), posted.id, "Three")
    assert (posted.seq, edited.seq) == (1, 2)


def test_an_event_shows_its_message_as_it_is_now(account: Account) -> None:
    start = messages.newest_cursor()
    message = writing.post(account.id, "Secret")
    writing.delete(Member(account.id), message.id)
    changes = LOG.after(EVERYONE, start).changes
    assert [(c.kind, c.view.text, c.view.deleted) for c in changes] == [
        ("posted", "", True),
        ("deleted", "", True),
    ]


def test_what_changes_nothing_makes_no_event(account: Account) -> None:
    message = writing.post(account.id, "One", "key-1")
    writing.post(account.id, "One", "key-1")
    writing.edit(Member(account.id), message.id, "One")
    writing.delete(Member(account.id), message.id)
    writing.delete(Member(account.id), message.id)
    assert numbers() == [1, 2]


def test_a_rollback_leaves_no_gap(account: Account) -> None:
    writing.post(account.id, "One")
    with suppress(ZeroDivisionError), db.write():
        message = Message.get()
        assert events.append(BOARD, "edited", message.id) == 2
        raise ZeroDivisionError
    writing.post(account.id, "Two")
    assert numbers() == [1, 2]


def test_many_events_are_numbered_in_order_and_told_of_once(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "AT_ONCE", 2)
    notices: list[str] = []
    monkeypatch.setattr(db, "notify", lambda: notices.append("once"))
    kinds = ["room", "membership", "room"]
    with db.write():
        events.append_all([])
        events.append_all(events.Happened(BOARD, kind, BOARD, account.id) for kind in kinds)
    with db.read():
        rows = [(row.seq, row.kind, row.user_id) for row in Event.select().order_by(Event.seq)]
        assert EventCounter.get().seq == len(kinds)
    assert rows == [(1, "room", account.id), (2, "membership", account.id), (3, "room", account.id)]
    assert notices == ["once"]


def test_a_number_beyond_the_counter_is_not_read(account: Account) -> None:
    start = messages.newest_cursor()
    message = writing.post(account.id, "One")
    with db.write():
        Event.insert(seq=7, kind="posted", message=message.id, created_at=clock.now()).execute()
    assert seen_after(start) == [("posted", "One")]
    assert seen_after(messages.newest_cursor()) == []


def test_a_later_number_is_never_visible_before_an_earlier_one(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow transaction has its number already; the quick one must wait, not overtake."""
    first = writing.post(account.id, "First")
    start = messages.newest_cursor()
    numbered, commit = threading.Event(), threading.Event()
    append = events.append

    def slow_append(*what: Any, **about: Any) -> int:
        seq = append(*what, **about)
        if threading.current_thread().name == "slow":
            numbered.set()
            assert commit.wait(DEADLINE)
        return seq

    monkeypatch.setattr(events, "append", slow_append)
    slow = threading.Thread(
        target=writing.edit, args=(Member(account.id), first.id, "Slow"), name="slow"
    )
    with ThreadPoolExecutor() as pool:
        slow.start()
        assert numbered.wait(DEADLINE)
        quick = pool.submit(writing.post, account.id, "Quick")
        assert seen_after(start) == []
        assert not quick.done()
        commit.set()
        quick.result(DEADLINE)
    slow.join(DEADLINE)
    assert seen_after(start) == [("edited", "Slow"), ("posted", "Quick")]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_slow_transaction_that_commits_after_a_later_one_is_not_passed_over(
    account: Account, database_url: str
) -> None:
    """The slow one inserted first, so a sequence would have given it the lower number."""
    start = messages.newest_cursor()
    slow = psycopg2.connect(database_url)
    with slow, slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messages"
            " (author_id, text, timestamp, seq, client_key, posted_digest, number)"
            " VALUES (%s, 'Slow', now(), 0, 'slow', '', 9) RETURNING id",
            (account.id,),
        )
        slow_id = cursor.fetchall()[0][0]
        quick = writing.post(account.id, "Quick")
        with db.read():
            quick_id = Message.get(number=quick.id).id
        assert slow_id < quick_id
        read = LOG.after(EVERYONE, start)
        assert [(c.cursor.seq, c.view.text) for c in read.changes] == [(1, "Quick")]
        cursor.execute("UPDATE event_counter SET seq = seq + 1 RETURNING seq")
        cursor.execute(
            "INSERT INTO events (seq, kind, message_id, created_at)"
            " VALUES (%s, 'posted', %s, now())",
            (cursor.fetchall()[0][0], slow_id),
        )
        assert LOG.after(EVERYONE, start).cursor == read.cursor
    slow.close()
    assert seen_after(read.cursor) == [("posted", "Slow")]


@pytest.mark.parametrize("change", ["post", "edit", "delete"])
def test_a_commit_between_a_pages_cursor_and_its_rows_is_in_the_replay(
    account: Account, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    message = writing.post(account.id, "Old")
    changes: dict[str, Callable[[], object]] = {
        "post": lambda: writing.post(account.id, "New"),
        "edit": lambda: writing.edit(Member(account.id), message.id, "New"),
        "delete": lambda: writing.delete(Member(account.id), message.id),
    }
    commit_after(monkeypatch, visible, "newest", changes[change])
    page = messages.newest(EVERYONE)
    shown = {view.id: view for view in page.messages}
    for late in LOG.after(EVERYONE, page.cursor).changes:
        if late.view.deleted:
            shown.pop(late.view.id, None)
        else:
            shown[late.view.id] = late.view
    monkeypatch.undo()
    assert sorted(shown.values(), key=lambda view: -view.id) == messages.newest(EVERYONE).messages
    assert [c.cursor.seq for c in LOG.after(EVERYONE, page.cursor).changes] == [2]


def commit_after(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, change: Callable[[], object]
) -> None:
    """Let `change` be committed by another connection right after the next call of a function."""
    real = getattr(module, name)

    def then_commit(*args: object) -> object:
        monkeypatch.setattr(module, name, real)
        result = real(*args)
        with ThreadPoolExecutor() as other:
            other.submit(change).result(DEADLINE)
        return result

    monkeypatch.setattr(module, name, then_commit)


def test_a_cursor_survives_being_written_and_read() -> None:
    assert Cursor.parse(str(Cursor("ab12", 17))) == Cursor("ab12", 17)


@pytest.mark.parametrize(
    "text", ["", "17", ".17", "ab12.", "ab12.x", "ab12.-1", "ab12.1.", "ab12.٣", "a." + "9" * 19]
)
def test_what_cannot_be_read_as_a_cursor_is_refused(text: str) -> None:
    assert Cursor.parse(text) is None


def test_a_cursor_that_cannot_be_followed_is_told_to_fetch_anew(account: Account) -> None:
    writing.post(account.id, "One")
    now = messages.newest_cursor()
    for lost in (None, Cursor("other", 0), Cursor("other", 1), Cursor(now.epoch, 2)):
        found = LOG.after(EVERYONE, lost)
        assert (found.changes, found.cursor, found.resync) == ([], now, True)


def test_a_cursor_is_followed_up_to_the_limit_and_not_further(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MAX_REPLAY", 3)
    start = messages.newest_cursor()
    for text in ("One", "Two", "Three"):
        writing.post(account.id, text)
    assert [text for _, text in seen_after(start)] == ["One", "Two", "Three"]
    writing.post(account.id, "Four")
    assert LOG.after(EVERYONE, start).resync
    assert [text for _, text in seen_after(Cursor(start.epoch, 1))] == ["Two", "Three", "Four"]


def test_what_a_reader_may_not_see_takes_them_no_further_behind(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MAX_REPLAY", 3)
    start = messages.newest_cursor()
    with db.write():
        elsewhere = Room.create(slug="hidden", kind="private", name="Hidden").id
        for number in range(10):
            events.append(elsewhere, "posted", number)
    writing.post(account.id, "One")
    found = LOG.after(Member(account.id), start).changes
    assert [change.view.text for change in found] == ["One"]


def test_a_restore_changes_the_epoch_and_old_cursors_end(account: Account) -> None:
    writing.post(account.id, "One")
    old = messages.newest_cursor()
    with db.write():
        EventCounter.update(epoch="restored").execute()
    assert LOG.after(EVERYONE, old).resync
    assert not LOG.after(EVERYONE, messages.newest_cursor()).resync
