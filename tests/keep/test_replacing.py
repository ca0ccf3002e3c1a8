"""A restore replaces a board whole or not at all, and nobody slips in between."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import peewee
import pytest

from service.access.visible import EVERYONE
from service.accounts import accounts
from service.data import db
from service.data.tables import Message, User
from service.keep import restore
from service.messages import messages, writing
from tests.at_once import DEADLINE, is_waited_for
from tests.keep.restoring import check_index, counter, put_in_place, texts
from tests.keeping import fill, whole
from tests.people import ON_POSTGRESQL, add_person
from tests.servers import KEY, PROJECT, within

# Runs a command, and stops on its way until it is told to go on.
HALFWAY = """
import sys
from service import cli
from service.keep import restore

real = restore.{function}

def stopping(*arguments):
    {before}
    print("halfway", flush=True)
    sys.stdin.readline()
    {after}

restore.{function} = stopping
cli.main()
"""
DELETED = {"function": "_insert", "before": "pass", "after": "return real(*arguments)"}
INSERTED = {"function": "_count_from", "before": "real(*arguments)", "after": "pass"}


@contextmanager
def halfway(url: str, file: Path, where: dict[str, str]) -> Generator[subprocess.Popen[str]]:
    """Yield a process that is in the midst of a restore, and goes on after a line of input."""
    process = subprocess.Popen(
        [sys.executable, "-c", HALFWAY.format(**where), "restore", "--replace", str(file)],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": KEY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdin
    try:
        assert process.stdout.readline() == "halfway\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("where", [DELETED, INSERTED], ids=["deleted", "inserted"])
def test_after_a_kill_the_old_board_stands(
    database: None, database_url: str, file: Path, where: dict[str, str]
) -> None:
    fill(2000)
    before, cursor = whole(), counter()
    with halfway(database_url, file, where) as process:
        assert (whole(), counter()) == (before, cursor)  # and is read meanwhile
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    assert (whole(), counter()) == (before, cursor)
    check_index()
    assert texts("1234") == ["message 1234"]
    posted = writing.post(accounts.everyone()[0].id, "Still here")
    assert (posted.id, counter()[1]) == (2001, cursor[1] + 1)
    put_in_place(file, replace=True)
    assert texts("thoughts") == ["Second thoughts"]


def test_a_post_waits_for_a_restore_and_comes_after_it(
    database: None, database_url: str, small_file: Path
) -> None:
    bob = add_person("bob")
    kept: list[messages.MessageView] = []
    thread = threading.Thread(target=lambda: kept.append(writing.post(bob.id, "Meanwhile")))
    with halfway(database_url, small_file, INSERTED) as process:
        thread.start()
        thread.join(0.5)
        assert kept == []
        process.communicate("\n")
        assert process.returncode == 0
    thread.join()
    assert (kept[0].id, counter()[1]) == (2, 2)
    assert [message.text for message in messages.newest(EVERYONE).messages] == [
        "Meanwhile",
        "Hello",
    ]


def test_nobody_slips_into_a_board_that_is_being_replaced(
    database: None, database_url: str, small_file: Path
) -> None:
    add_person("bob")
    kept: list[accounts.Account] = []
    thread = threading.Thread(target=lambda: kept.append(add_person("carol")))
    with halfway(database_url, small_file, DELETED) as process:
        thread.start()
        thread.join(1)
        assert kept == []
        process.communicate("\n")
    thread.join()
    assert [account.username for account in accounts.everyone()] == ["alice", "carol"]
    assert kept[0].id == 2


@ON_POSTGRESQL
def test_a_change_that_holds_what_a_restore_waits_for_comes_before_it(
    database: None, small_file: Path
) -> None:
    writing.post(add_person("bob").id, "Hello")
    with ThreadPoolExecutor() as pool:
        with db.write():  # as whoever calls somebody, or changes a room
            list(db.kept(User.select()))
            restoring = pool.submit(partial(put_in_place, small_file, replace=True))
            within(DEADLINE, is_waited_for)
            Message.update(text="Hello @bob").execute()
        restoring.result(DEADLINE)
    assert [account.username for account in accounts.everyone()] == ["alice"]


def test_a_lost_database_is_told_and_nothing_is_half_done(
    database: None, monkeypatch: pytest.MonkeyPatch, small_file: Path
) -> None:
    add_person("bob")
    before = whole()

    def lost(_: int) -> None:
        raise peewee.OperationalError("database or disk is full")

    monkeypatch.setattr(restore, "_count_from", lost)
    with pytest.raises(peewee.OperationalError):
        put_in_place(small_file, replace=True)
    assert whole() == before
    check_index()
