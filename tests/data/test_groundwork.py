"""The columns of rooms, beside the release before: what it leaves out is filled."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import peewee
import psycopg2
import pytest

from service.access import visible
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.commands import console
from service.data import db, events, migrations
from service.data.tables import BOARD, Event, Message, Room
from service.messages import messages, writing
from tests.data.steps import bring_back, hide_from
from tests.people import ONE_DATABASE

PATIENCE = 1.5  # seconds that a writer may wait while another one has the tables
USER = (
    "INSERT INTO users (id, username, username_key, password_hash, timezone, created_at)"
    " VALUES (1, 'alice', 'alice', '', 'UTC', '2026-11-22 10:00:00')"
)
# As the release before posts and edits.
POST = (
    "UPDATE event_counter SET seq = seq + 1",
    "INSERT INTO messages (author_id, text, timestamp, words, seq, client_key, posted_digest)"
    " SELECT 1, 'Posted', '2026-11-22 10:00:00', 'posted', seq, 'key' || seq, ''"
    " FROM event_counter",
    "INSERT INTO events (seq, kind, message_id, created_at)"
    " SELECT seq, 'posted', (SELECT max(id) FROM messages), '2026-11-22 10:00:00'"
    " FROM event_counter",
)
EDIT_FIRST = (
    POST[0],
    "INSERT INTO events (seq, kind, message_id, created_at)"
    " SELECT seq, 'edited', (SELECT min(id) FROM messages), '2026-11-22 10:00:00'"
    " FROM event_counter",
    "UPDATE messages SET text = 'Edited', words = 'edited', seq ="
    " (SELECT seq FROM event_counter) WHERE id = (SELECT min(id) FROM messages)",
)


def execute(*statements: str) -> None:
    with db.write():
        for statement in statements:
            db.database.execute_sql(statement)


def numbered() -> list[tuple[Any, ...]]:
    """Return what says of each message where it is and how new."""
    with db.read():
        shown = (Message.id, Message.seq, Message.room, Message.number, Message.version)
        rows: Any = Message.select(*shown).order_by(Message.id)
        return list(rows.tuples())


@pytest.fixture
def before(empty: peewee.Database, steps: Path) -> list[Path]:
    """Make a board of the release before, with two messages; return the steps to come."""
    hidden = hide_from(steps, "0005")
    migrations.upgrade(empty)
    execute(USER, *POST, *POST)
    return hidden


def test_what_the_release_before_wrote_and_writes_is_numbered(
    empty: peewee.Database, before: list[Path]
) -> None:
    execute(*EDIT_FIRST)
    wanted = bring_back(before)
    assert migrations.upgrade(empty) == wanted
    assert numbered() == [(1, 3, BOARD, 1, 3), (2, 2, BOARD, 2, 2)]
    execute(*POST)
    execute(*EDIT_FIRST)
    assert numbered() == [(1, 5, BOARD, 1, 4), (2, 2, BOARD, 2, 2), (3, 4, BOARD, 3, 1)]
    with db.read():
        log = events.after(visible.events(EVERYONE), events.Cursor(events.newest().epoch, 2)).events
        assert [(room.id, room.slug, room.kind) for room in Room.select()] == [(1, "board", "open")]
    assert [(each.seq, each.kind, each.subject) for each in log] == [
        (3, "edited", 1),
        (4, "posted", 3),
        (5, "edited", 1),
    ]
    posted = writing.post(1, "And now this release")
    edited = writing.edit(Member(1), 1, "By this release")
    assert numbered()[0] == (1, 7, BOARD, 1, 5)
    assert numbered()[3] == (4, 6, BOARD, 4, 1)
    assert [(view.id, view.seq) for view in (posted, edited)] == [(4, 1), (1, 5)]


def test_a_program_of_the_release_before_goes_on_from_its_cursor(
    empty: peewee.Database, before: list[Path]
) -> None:
    bring_back(before)
    migrations.upgrade(empty)
    execute(*POST)
    kept = [events.Cursor("any", seq, plain=True) for seq in (1, 2, 3)]
    assert [visible.may_follow(each) for each in kept] == [True, True, False]


def test_killed_anywhere_the_step_is_taken_up(
    empty: peewee.Database, before: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_back(before)
    real = empty.execute_sql
    for last in range(200):
        left = iter(range(last))

        def dying(statement: str, *rest: Any, left: Iterator[int] = left) -> Any:
            if next(left, None) is None:
                raise ZeroDivisionError(statement)
            return real(statement, *rest)

        monkeypatch.setattr(empty, "execute_sql", dying)
        with suppress(ZeroDivisionError):
            migrations.upgrade(empty)
            break
        monkeypatch.setattr(empty, "execute_sql", real)
        if not empty.is_closed():
            empty.close()
    monkeypatch.setattr(empty, "execute_sql", real)
    assert last > 30
    assert numbered() == [(1, 1, BOARD, 1, 1), (2, 2, BOARD, 2, 2)]


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_the_release_before_serves_while_the_step_waits_and_runs(
    empty: peewee.Database, empty_url: str, before: list[Path], steps: Path
) -> None:
    bring_back(before)
    (file,) = steps.glob("0005*")
    file.write_text(file.read_text().replace("BATCH = 500", "BATCH = 1"))
    options = f"-c lock_timeout={PATIENCE}s"
    with closing(psycopg2.connect(empty_url)) as backup:
        backup.cursor().execute("SELECT count(*) FROM messages")  # a long look at all of them
        step = threading.Thread(target=migrations.upgrade, args=(empty,))
        step.start()
        for _ in range(3):
            with closing(psycopg2.connect(empty_url, options=options)) as old, old:
                for statement in (*POST, *EDIT_FIRST):
                    old.cursor().execute(statement)
            time.sleep(0.3)
        assert step.is_alive()
    step.join()
    assert [row[3:] for row in numbered()] == [row[:2] for row in numbered()]
    assert len(numbered()) == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_restore_by_the_release_before_left_without_is_numbered_at_the_start(
    account: accounts.Account, database_url: str
) -> None:
    writing.post(account.id, "Restored")
    execute("UPDATE messages SET number = NULL, version = NULL")
    console.prepare(database_url)
    db.open_database(database_url)
    assert numbered() == [(1, 1, BOARD, 1, 1)]


@ONE_DATABASE
def test_a_reply_goes_with_its_message_and_a_pin_stays_without_its_user(
    account: accounts.Account,
) -> None:
    """So that a restore by the release before, which knows of neither, can empty the tables."""
    writing.post(account.id, "Root")
    writing.post(account.id, "Reply")
    execute(
        "UPDATE messages SET parent_id = 1, pinned_by_id = 1 WHERE id = 2", "DELETE FROM events"
    )
    with db.write():
        Message.delete().where(Message.id == 1).execute()
        assert Message.select().count() == 0


def test_an_event_needs_no_message(account: accounts.Account) -> None:
    start = messages.newest_cursor()
    with db.write():
        events.append(BOARD, "drawn", 17)
    with db.read():
        (event,) = events.after(visible.events(EVERYONE), start).events
        assert (event.seq, event.room, event.kind, event.subject) == (1, BOARD, "drawn", 17)
        assert Event.get().message_id is None
