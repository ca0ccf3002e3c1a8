"""Saving a board: what the file holds, and that nobody has to stop for it."""

import json
import os
import resource
import stat
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.access import sessions
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.data import db, migrations, sqlite
from service.keep import formats
from service.messages import messages, writing
from service.messages.messages import MessageView
from tests.inside import run
from tests.keeping import Row, at, fill, manifest, older, peak_memory, restored, story, whole
from tests.people import ONE_DATABASE
from tests.servers import board, within

PAUSE = 0.02  # seconds between two changes: 50 a second
GENEROUS = 6 * 1024  # KiB that 19,000 more rows may cost; held in memory they cost 17 MiB and more


def complaint(url: str, *arguments: str) -> str:
    """Return the one sentence in which a command refused."""
    done = run(url, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


def test_a_backup_is_a_zip_that_anybody_can_read(
    database: None, database_url: str, tmp_path: Path
) -> None:
    story()
    alice = accounts.everyone()[0]
    sessions.start(alice.id, alice.password_hash, "UTC", "A test")
    file = tmp_path / "saved.zip"
    done = run(database_url, "backup", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Saved 2 users, 7 messages and 9 events in {file}.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as zipped:
        assert zipped.testzip() is None
        tables = [entry.file for entry in formats.FORMATS[formats.NEWEST]]
        names = [*tables, "manifest.json"]
        assert zipped.namelist() == names
        lines = zipped.read("messages.jsonl").decode().split("\n")
        assert "session" not in "".join(zipped.read(name).decode() for name in names)
    first, last = json.loads(lines[0]), json.loads(lines[-2])
    assert first["text"] == messages.newest(EVERYONE).messages[-1].text
    assert first["timestamp"].endswith("Z")
    assert (last["text"], last["deleted_at"] is None, last["posted_digest"]) == ("", False, "")
    assert manifest(file)["format"] == 4
    assert manifest(file)["seq"] == messages.newest_cursor().seq
    assert manifest(file)["contents"]["messages.jsonl"]["rows"] == 7


# Writing meanwhile.


class Writer(threading.Thread):
    """Posts, edits and deletes without a rest, and remembers what each change made."""

    def __init__(self, author_id: int) -> None:
        super().__init__()
        self.author_id = author_id
        self.views: list[MessageView] = []
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.wait(PAUSE):
            posted = self._note(writing.post(self.author_id, f"Written {len(self.views)}"))
            if posted.id % 3 == 0:
                self._note(writing.edit(Member(self.author_id), posted.id, "Second thoughts"))
            if posted.id % 5 == 0:
                self._note(writing.delete(Member(self.author_id), posted.id - 1))

    def _note(self, view: MessageView) -> MessageView:
        self.views.append(view)
        return view

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Write before, during and after the block."""
        self.start()
        within(20, lambda: len(self.views) > 5)
        yield
        number = len(self.views)
        within(20, lambda: len(self.views) > number + 5)
        self._enough.set()
        self.join()

    def state(self, message_id: int, version: int) -> MessageView:
        """Return a message as it was in a version."""
        (view,) = {view for view in self.views if (view.id, view.seq) == (message_id, version)}
        return view


def as_view(row: Row) -> tuple[object, ...]:
    return (row["text"], row["edited_at"] is not None, row["deleted_at"] is not None)


def test_a_backup_is_one_moment_of_a_board_in_use(
    database: None, database_url: str, other_url: str, tmp_path: Path
) -> None:
    fill(3000)
    writer = Writer(accounts.everyone()[0].id)
    with writer.at_work():
        assert board(database_url, "backup", f"{tmp_path}/saved.zip").returncode == 0
    now = whole()
    seq = manifest(tmp_path / "saved.zip")["seq"]
    assert 3000 < seq < now["events"][-1]["seq"]  # it was in use before and after
    restored(other_url, tmp_path / "saved.zip")
    with at(other_url):
        then = whole()
    assert then["users"] == now["users"]
    assert [event["seq"] for event in then["events"]] == list(range(1, seq + 1))
    assert then["events"] == now["events"][:seq]
    posted = [event["message"] for event in then["events"] if event["kind"] == "posted"]
    assert [message["id"] for message in then["messages"]] == posted
    for before, after in zip(then["messages"], now["messages"], strict=False):
        if after["seq"] <= seq:
            assert before == after
        else:
            assert before["seq"] <= seq
            view = writer.state(before["id"], before["version"])
            assert as_view(before) == (view.text, view.edited, view.deleted)
    changed_since = [message for message in now["messages"][: len(posted)] if message["seq"] > seq]
    assert len(changed_since) < len(posted)


def test_nobody_waits_for_a_backup(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from service.keep import backup

    story()
    alice = accounts.everyone()[0]
    real = backup._write_entry
    posted: list[int] = []

    def slow(*arguments: object) -> object:
        thread = threading.Thread(target=lambda: posted.append(writing.post(alice.id, "Now").id))
        thread.start()
        thread.join(5)
        return real(*arguments)  # ty: ignore[invalid-argument-type]

    monkeypatch.setattr(backup, "_write_entry", slow)
    saved = backup.write(tmp_path / "saved.zip")
    assert len(posted) == len(saved.contents)  # one for each table
    assert stat.S_IMODE((tmp_path / "saved.zip").stat().st_mode) == 0o600  # whatever the umask
    assert saved.contents["messages.jsonl"].rows == 7


def test_an_older_boards_backup_needs_no_migration(
    empty_url: str, other_url: str, tmp_path: Path
) -> None:
    older(empty_url)
    assert run(empty_url, "backup", f"{tmp_path}/saved.zip").returncode == 0
    db.open_database(empty_url)
    assert migrations.check(db.database.obj) is False
    db.close_database()
    restored(other_url, tmp_path / "saved.zip")
    with at(other_url):
        assert [message.text for message in messages.newest(EVERYONE).messages] == [
            "Before the upgrade"
        ]


# What goes wrong.


@ONE_DATABASE
def test_a_file_that_is_there_is_left_as_it_is(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "saved.zip"
    file.write_text("Older")
    assert complaint(database_url, "backup", str(file)) == (
        f"{file} is there already; it was left as it is."
    )
    assert file.read_text() == "Older"
    other = tmp_path / "other.zip"
    unfinished = tmp_path / "other.zip.partial"
    unfinished.write_text("Half of one")
    assert complaint(database_url, "backup", str(other)) == (
        f"{unfinished} is being written, or was left by what was killed; then delete it."
    )
    assert unfinished.read_text() == "Half of one"
    assert not other.exists()


@ONE_DATABASE
def test_a_folder_that_is_missing_is_said(database_url: str, tmp_path: Path) -> None:
    expected = f"No such file or directory: {tmp_path}/no/saved.zip.partial"
    assert complaint(database_url, "backup", f"{tmp_path}/no/saved.zip") == expected


def test_a_full_disk_leaves_nothing_behind(
    database: None, monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    from service.base import files
    from service.keep import backup

    fill(2000)
    folder = tmp_path / "backups"
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # half of what it needs
    try:
        with pytest.raises(OSError, match=r"File too large: .*saved.zip.partial") as failure:
            backup.write(folder / "saved.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failure.value.filename == f"{folder}/saved.zip.partial"
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(files.os, "fsync", lambda _: os.close(-1))
    with pytest.raises(OSError, match=r"Bad file descriptor: .*saved.zip.partial"):
        backup.write(folder / "saved.zip")
    assert list(folder.iterdir()) == []


def test_a_database_without_a_board_is_said(empty_url: str, tmp_path: Path) -> None:
    on_sqlite = empty_url.startswith("sqlite")
    where = sqlite.file_of(empty_url) if on_sqlite else "this database"
    for command in (["backup", f"{tmp_path}/saved.zip"], ["export", "--format", "csv"]):
        assert complaint(empty_url, *command) == f"There is no board in {where}."
    assert list(tmp_path.iterdir()) == []


# Memory.


@pytest.mark.timeout(180)
def test_memory_does_not_grow_with_the_board(
    database: None, database_url: str, tmp_path: Path
) -> None:
    few, many = tmp_path / "few.zip", tmp_path / "many.zip"
    fill(1000)
    peaks = [[peak_memory(database_url, "backup", str(few))]]
    peaks[0].append(peak_memory(database_url, "restore", "--replace", str(few)))
    add_many(19_000)
    peaks.append([peak_memory(database_url, "backup", str(many))])
    peaks[1].append(peak_memory(database_url, "restore", "--replace", str(many)))
    assert manifest(many)["contents"]["messages.jsonl"]["rows"] == 20_000
    assert all(large < small + GENEROUS for small, large in zip(*peaks, strict=True)), peaks


def add_many(count: int) -> None:
    with db.write():
        db.database.execute_sql("UPDATE users SET username = 'another', username_key = 'another'")
    fill(count)
