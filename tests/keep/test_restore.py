"""Putting a backup in a board's place: whole or not at all, on either database."""

import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import peewee
import pytest
from starlette.testclient import TestClient

from service.access import places, session_cookie, sessions
from service.access.tokens import Signer
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.base.config import Settings
from service.base.errors import BoardError, Conflict
from service.data import db, events
from service.data.tables import Event, EventCounter, Message, Session, User
from service.keep import archive, backup, restore, saved, seal
from service.keep.keys import Keys
from service.messages import messages, writing
from service.search import query
from tests.keeping import (
    at,
    fill,
    forge,
    manifest,
    restored,
    sessions_there_are,
    story,
    whole,
)
from tests.people import (
    ONE_DATABASE,
    PROGRAM,
    Person,
    SignIn,
    add_person,
    is_signed_in,
    listed,
    password_hash,
    post,
)
from tests.servers import KEY, PROJECT, Server, board, within
from tests.streams import LOG, Board, Frame, open_stream

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


@pytest.fixture
def file(other_url: str, tmp_path: Path) -> Path:
    """Return a backup of the story, as either database gives it."""
    with at(other_url):
        story()
        backup.write(tmp_path / "saved.zip")
    return tmp_path / "saved.zip"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Return a backup as small as they get with a message in it; ask for it before a server."""
    with at(f"sqlite:///{tmp_path}/small.sqlite3"):
        writing.post(add_person("alice").id, "Hello")
        backup.write(tmp_path / "small.zip")
    return tmp_path / "small.zip"


def put_in_place(path: Path, *, replace: bool = False) -> None:
    with saved.opened(path) as whole_file:
        restore.put_in_place(whole_file, replace=replace)


def counter() -> tuple[str, int]:
    with db.read():
        row = EventCounter.get()
        return row.epoch, row.seq


def texts(search: str) -> list[str]:
    return [
        message.text
        for message in messages.newest(EVERYONE, query=query.parse(search, "UTC")).messages
    ]


def check_index() -> None:
    """Let SQLite compare its index with what it stands for."""
    if db.on_sqlite():
        with db.write():
            db.database.execute_sql("PRAGMA integrity_check")
            db.database.execute_sql(
                "INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)"
            )


# What comes back.


def test_what_is_restored_goes_on_as_before(database: None, file: Path) -> None:
    before = counter()
    put_in_place(file)
    check_index()
    seq = manifest(file)["seq"]
    assert counter() == (counter()[0], seq)
    assert counter()[0] != before[0]
    alice, bob = accounts.everyone()
    assert (alice.username, bob.username, bob.disabled) == ("alice", "Bøb", True)
    assert accounts.add("Charlie", "correct horse").id == bob.id + 1
    highest = max(message["id"] for message in whole()["messages"])
    posted = writing.post(alice.id, "Afterwards")
    assert (posted.id, posted.seq) == (highest + 1, seq + 1)
    assert writing.edit(Member(alice.id), posted.id, "After that").seq == seq + 2
    # A form that was sent before the backup can still be repeated without posting twice.
    assert writing.post(alice.id, "Once", client_key="another").id == highest + 2


def test_names_alike_are_restored_and_no_third_is_taken(database: None, tmp_path: Path) -> None:
    for name in ("alice", "a1ice"):  # releases until 0.3.0 took both
        add_person(name)
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    with db.read():
        looks = [row.name_skeleton for row in User.select().order_by(User.id)]
    assert looks == ["alice", None]
    with pytest.raises(Conflict):
        accounts.add("AIice", "correct horse")


def test_a_repeated_post_is_known_after_a_restore(database: None, tmp_path: Path) -> None:
    alice = add_person("alice")
    posted = writing.post(alice.id, "Once", client_key="a-key")
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    assert writing.post(alice.id, "Once", client_key="a-key") == posted
    with pytest.raises(Conflict):
        writing.post(alice.id, "Twice", client_key="a-key")


def test_restored_messages_are_found(database: None, file: Path) -> None:
    alice = add_person("zoe")
    writing.post(alice.id, "A mistake, and thoughts")
    put_in_place(file, replace=True)
    check_index()
    assert texts("thoughts") == ["Second thoughts"]
    assert texts("mistake") == []
    assert texts("日本語") == ["é 日本語 👩‍👩‍👧 שלום"]
    writing.post(accounts.everyone()[0].id, "More thoughts")
    assert texts("thoughts") == ["More thoughts", "Second thoughts"]


def test_an_empty_board_is_saved_and_restored(database: None, tmp_path: Path) -> None:
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip")
    assert whole() == {"users": [], "messages": [], "events": []}
    assert writing.post(add_person("alice").id, "First").id == 1


def test_no_session_or_known_network_comes_to_life_again(database: None, tmp_path: Path) -> None:
    alice = add_person("alice")
    sessions.start(alice.id, alice.password_hash, "UTC", "A test")
    places.remember_network(alice.id, "a network")
    backup.write(tmp_path / "saved.zip")
    put_in_place(tmp_path / "saved.zip", replace=True)
    assert sessions_there_are() == 0
    assert not places.known_networks({(alice.id, "a network")})


def test_a_restore_says_how_much_it_brought_back(database_url: str, small_file: Path) -> None:
    done = board(database_url, "restore", str(small_file))
    assert done.returncode == 0
    assert done.stdout == "Restored 1 user, 1 message and 1 event.\n"


@ONE_DATABASE
def test_a_check_needs_no_database(database_url: str, small_file: Path, tmp_path: Path) -> None:
    made = manifest(small_file)["made"]
    done = board(f"sqlite:///{tmp_path}/none.sqlite3", "restore", "--check", str(small_file))
    assert done.stdout == (f"{small_file} is sound: 1 user, 1 message and 1 event, saved {made}.\n")
    assert not (tmp_path / "none.sqlite3").exists()


# What is refused.


def refusal(url: str, file: Path, *flags: str) -> str:
    """Return the one sentence in which a restore refused, having touched nothing."""
    with at(url):
        before, where = whole(), counter()
    done = board(url, "restore", str(file), *flags)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    with at(url):
        assert (whole(), counter()) == (before, where)
    return line.removeprefix("Error: ")


def test_a_board_in_use_is_not_replaced_unasked(
    database: None, database_url: str, small_file: Path
) -> None:
    add_person("bob")
    assert refusal(database_url, small_file) == (
        "This board has users or messages; with --replace the backup takes their place."
    )
    restored(database_url, small_file, "--replace")
    assert [account.username for account in accounts.everyone()] == ["alice"]


def test_every_changed_byte_is_refused(small_file: Path) -> None:
    content = small_file.read_bytes()
    with saved.opened(small_file):
        pass
    for place in range(len(content)):
        for change in (0x01, 0x20, 0xFF):  # the second one makes a small letter a capital
            damaged = bytearray(content)
            damaged[place] ^= change
            small_file.write_bytes(damaged)
            with pytest.raises(saved.Damaged), saved.opened(small_file):
                pytest.fail(f"byte {place} was believed")


def test_every_missing_or_added_byte_is_refused(small_file: Path) -> None:
    content = small_file.read_bytes()
    shorter = (content[:length] for length in range(len(content)))
    longer = (content + b"\0", content + b"\n", b"\0" + content, content + content)
    without = (content[:place] + content[place + 1 :] for place in range(len(content)))
    for damaged in (*shorter, *longer, *without):
        if damaged != content:
            small_file.write_bytes(damaged)
            with pytest.raises(saved.Damaged), saved.opened(small_file):
                pytest.fail(f"{len(damaged)} of {len(content)} bytes were believed")


def test_what_is_no_backup_is_said_in_one_sentence(
    database: None, database_url: str, small_file: Path, tmp_path: Path
) -> None:
    add_person("bob")
    damaged, other, text = (tmp_path / name for name in ("damaged.zip", "other.zip", "text"))
    content = small_file.read_bytes()
    damaged.write_bytes(content.replace(b"PK", b"pk", 1))
    with zipfile.ZipFile(other, "w") as zipped:
        zipped.writestr("users.jsonl", "{}")
    text.write_text("Hello " * 100)
    (tmp_path / "empty").write_bytes(b"")
    expected = "{} is no backup, or it was damaged or cut short."
    for path in (damaged, other, text, tmp_path / "empty", Path("/dev/full"), Path("/dev/null")):
        with pytest.raises(saved.Damaged) as refused, saved.opened(path):
            pytest.fail(f"{path} was believed")
        assert str(refused.value) == expected.format(path)
    for path, *flags in ((damaged,), (other, "--replace"), (text, "--check")):
        assert refusal(database_url, path, *flags) == expected.format(path)
    assert refusal(database_url, tmp_path) == f"Is a directory: {tmp_path}"
    assert refusal(database_url, tmp_path / "none") == f"No such file or directory: {tmp_path}/none"


Files = dict[str, bytes]


def in_manifest(**changes: Any) -> Callable[[Files], object]:
    """Return a forgery: the manifest says something else."""

    def change(files: Files) -> None:
        found = json.loads(files["manifest.json"]) | changes
        files["manifest.json"] = json.dumps(found).encode()

    return change


def in_row(name: str, **changes: Any) -> Callable[[Files], object]:
    """Return a forgery: the last row says something else, and the manifest agrees."""

    def change(files: Files) -> None:
        *lines, last = files[name].splitlines()
        lines.append(json.dumps(json.loads(last) | changes).encode())
        put(files, name, b"".join(line + b"\n" for line in lines), len(lines))

    return change


def instead(name: str, content: bytes, rows: int = 1) -> Callable[[Files], object]:
    return lambda files: put(files, name, content, rows)


def put(files: Files, name: str, content: bytes, rows: int) -> None:
    files[name] = content
    found = json.loads(files["manifest.json"])
    found["contents"][name] = {"rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
    files["manifest.json"] = json.dumps(found).encode()


def another(name: str) -> Callable[[Files], object]:
    """Return a forgery: the only row comes again, under another id."""

    def change(files: Files) -> None:
        row = json.loads(files[name])
        again = json.dumps(row | {"id": row["id"] + 1}).encode() + b"\n"
        put(files, name, files[name] + again, 2)

    return change


def twice(files: Files) -> None:
    put(files, "messages.jsonl", files["messages.jsonl"] * 2, 2)


def wrongly_counted(files: Files) -> None:
    put(files, "users.jsonl", files["users.jsonl"], 2)


def silently_changed(files: Files) -> None:
    files["messages.jsonl"] = re.sub(
        b'"text": "[HM]', b'"text": "J', files["messages.jsonl"], flags=re.IGNORECASE
    )


def with_another_file(files: Files) -> None:
    files["sessions.jsonl"] = b""


def in_another_order(files: Files) -> None:
    files["users.jsonl"] = files.pop("users.jsonl")


ARGON = "$argon2id$v=19$m={},t={},p={}" + f"${'A' * 22}${'A' * 43}"

FORGERIES: list[Callable[[Files], object]] = [
    twice,
    wrongly_counted,
    silently_changed,
    with_another_file,
    in_another_order,
    lambda files: files.pop("manifest.json"),
    lambda files: files.pop("events.jsonl"),
    lambda files: files.update({"manifest.json": b"[]"}),
    lambda files: files.update({"manifest.json": b"\xff"}),
    lambda files: files.update({"manifest.json": b"[" * 60_000}),
    in_manifest(seq=0),
    in_manifest(seq="1"),
    in_manifest(seq=-1),
    in_manifest(board=1),
    in_manifest(made="\x1b[2J"),
    in_manifest(made="0001-01-01T00:00:00.000000+14:00"),
    in_manifest(format="1"),
    in_manifest(format=None),
    in_manifest(contents={}),
    in_manifest(contents=["users.jsonl", "messages.jsonl", "events.jsonl"]),
    in_row("users.jsonl", id=-1),
    in_row("users.jsonl", id=2**31),
    in_row("users.jsonl", id="1"),
    in_row("users.jsonl", id=True),
    in_row("users.jsonl", id=1.0),
    in_row("users.jsonl", username="a" * 51),
    in_row("users.jsonl", username=None),
    in_row("users.jsonl", created_at=None),
    in_row("users.jsonl", created_at=0),
    in_row("users.jsonl", created_at="yesterday"),
    in_row("users.jsonl", created_at="2026-11-22T10:00:00.000000"),
    in_row("users.jsonl", created_at="2026-11-22T10:00:00.000000+01:00"),
    in_row("users.jsonl", created_at="0001-01-01T00:00:00.000000+14:00"),
    in_row("users.jsonl", admin=True),
    in_row("users.jsonl", username="red\x1b[31m"),
    in_row("users.jsonl", username=""),
    in_row("users.jsonl", password_hash="garbage"),
    in_row("users.jsonl", password_hash=ARGON.format(4 * 1024 * 1024, 2, 1)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 99, 1)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 2, 0)),
    in_row("users.jsonl", password_hash=ARGON.format(19_456, 2, 1) + "\n"),
    in_row("users.jsonl", username="\u202ealice", username_key="\u202ealice"),
    in_row("users.jsonl", username="al\u200dice", username_key="al\u200dice"),
    in_row("users.jsonl", username=" alice"),
    in_row("users.jsonl", username="e\u0301", username_key="\xe9"),
    in_row("users.jsonl", username_key="bob"),
    in_row("users.jsonl", timezone="\x1b[2J"),
    in_row("messages.jsonl", text="a\revent: signed-out"),
    in_row("messages.jsonl", text="a" * 501),
    in_row("messages.jsonl", text=""),
    in_row("messages.jsonl", deleted_at="2026-11-22T10:00:00.000000Z"),
    in_row("messages.jsonl", client_key="a key"),
    in_row("messages.jsonl", posted_digest="a"),
    in_row("messages.jsonl", timestamp="9999-12-31T00:00:00.000000Z"),
    in_row("messages.jsonl", timestamp="0001-01-01T00:00:00.000000Z"),
    in_manifest(seq=2**63 - 1),
    in_row("messages.jsonl", text="a\0b"),
    in_row("messages.jsonl", text="\ud800"),
    in_row("messages.jsonl", text=["Hello"]),
    in_row("messages.jsonl", author_id=7),
    in_row("messages.jsonl", id=2**63),
    in_row("events.jsonl", kind="burnt"),
    in_row("events.jsonl", message_id=7),
    instead("users.jsonl", b"\n"),
    instead("users.jsonl", b"[]\n"),
    instead("users.jsonl", b"{}\n"),
    instead("users.jsonl", b"nonsense\n"),
    instead("users.jsonl", b"\xff\n"),
    instead("users.jsonl", b"[" * 60_000),
    instead("users.jsonl", b" " * archive.MAX_LINE + b"{}\n"),
    instead("users.jsonl", b"1" * 10_000),
    instead("users.jsonl", b'{"id": 1'),
    instead("users.jsonl", b"", 0),
]


def test_a_forged_backup_changes_nothing(database: None, small_file: Path, tmp_path: Path) -> None:
    writing.post(add_person("bob").id, "Still here")
    before, where = whole(), counter()
    for change in FORGERIES:
        forged = forge(small_file, tmp_path / "forged.zip", change)
        with pytest.raises(saved.Damaged) as refused:
            put_in_place(forged, replace=True)
        assert str(refused.value).startswith(f"{forged} ")
        assert "\n" not in str(refused.value)
        assert (whole(), counter()) == (before, where)
    put_in_place(forge(small_file, tmp_path / "forged.zip", lambda _: None), replace=True)


@pytest.mark.parametrize(
    ("forgery", "said"),
    [
        (in_row("messages.jsonl", author_id=7), "row 1 of messages, FOREIGN KEY"),
        (in_row("events.jsonl", message_id=7), "row 1 of events, FOREIGN KEY"),
        (another("users.jsonl"), "row 2 of users, UNIQUE constraint failed: users.username_key"),
        (another("messages.jsonl"), "row 2 of messages, UNIQUE"),
    ],
)
def test_a_check_finds_rows_that_do_not_fit_together(
    small_file: Path, tmp_path: Path, forgery: Callable[[Files], object], said: str
) -> None:
    """As the restore would, before it has written anything."""
    forged = forge(small_file, tmp_path / "forged.zip", forgery)
    with pytest.raises(saved.Damaged) as refused, saved.opened(forged):
        pytest.fail("it was believed")
    assert f"{forged} holds rows that don't fit together: {said}" in str(refused.value)


def test_the_keys_of_many_rows_are_on_disk_where_they_have_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = [{"id": number, "username_key": f"{number:0200}"} for number in range(1, 20_001)]
    with closing(Keys()) as keys:
        assert len(list(keys.checked(User, ["id", "username_key"], rows))) == len(rows)
        open_files = [file for file in Path("/proc/self/fd").iterdir() if file.exists()]
        (kept,) = [file for file in open_files if str(tmp_path) in str(file.readlink())]
        assert kept.stat().st_size > 2_000_000  # more than is kept in memory
    assert list(tmp_path.iterdir()) == []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with closing(Keys()) as keys, pytest.raises(OSError, match="disk") as failure:
            list(keys.checked(User, ["id", "username_key"], rows))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failure.value.filename == str(tmp_path)


def test_what_would_fill_a_disk_is_refused(small_file: Path, tmp_path: Path) -> None:
    bomb = forge(small_file, tmp_path / "bomb.zip", instead("users.jsonl", b" " * 10_000_000))
    with pytest.raises(saved.Damaged) as refused, saved.opened(bomb):
        pytest.fail("it was believed")
    assert "bytes would be unpacked to 10,0" in str(refused.value)


def test_what_older_releases_stored_is_restored(
    database: None, small_file: Path, tmp_path: Path
) -> None:
    """They took what is no new name and no new message any more."""
    for name, changes in (
        ("users.jsonl", {"username": "a\u034f\ufe0f ㅤ", "username_key": "a\u034f\ufe0f \u1160"}),
        ("users.jsonl", {"password_hash": password_hash()}),
        ("messages.jsonl", {"text": "\u2800\x1b[2J\u2028\x85\u202e"}),
    ):
        older = forge(small_file, tmp_path / "older.zip", in_row(name, **changes))
        put_in_place(older, replace=True)


def test_what_no_backup_is_packed_with_is_refused(small_file: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    expected = f"{forged} is damaged: it is not compressed as a backup is, or it is encrypted."
    for compression in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED):
        forge(small_file, forged, compression=compression)
        with pytest.raises(saved.Damaged, match=re.escape(expected)), saved.opened(forged):
            pytest.fail(f"compression {compression} was believed")
    encrypted = io.BytesIO(small_file.read_bytes())
    encrypted.seek(encrypted.getvalue().index(b"PK\x01\x02") + 8)  # the flags of the first file
    encrypted.write(b"\x01")
    forged.write_bytes(encrypted.getvalue()[: -seal.SIZE] + seal.of(encrypted))
    with pytest.raises(saved.Damaged, match=re.escape(expected)), saved.opened(forged):
        pytest.fail("what is encrypted was believed")


def test_a_newer_releases_backup_says_so(
    database: None, database_url: str, small_file: Path, tmp_path: Path
) -> None:
    newer = forge(small_file, tmp_path / "newer.zip", in_manifest(format=2, contents={}))
    assert refusal(database_url, newer) == (
        f"{newer} was made by a newer release: install that one, then restore."
    )


# All or nothing.


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
    assert (posted.id, posted.seq) == (2001, 2001)
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
    assert (kept[0].id, kept[0].seq) == (2, 2)
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


def test_a_file_that_changes_between_looks_is_not_believed(database: None, tmp_path: Path) -> None:
    fill(5000)
    before = whole()
    path = tmp_path / "saved.zip"
    backup.write(path)
    with saved.opened(path) as sound:
        hollow = forge(path, tmp_path / "hollow.zip", silently_changed)
        path.write_bytes(hollow.read_bytes())
        with pytest.raises(BoardError):
            restore.put_in_place(sound, replace=True)
    assert whole() == before


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


# Whoever was signed in.


def test_tokens_of_before_a_restore_are_refused(
    small_file: Path, bob: Person, sign_in: SignIn
) -> None:
    sessions.ended_sessions.refresh()
    assert is_signed_in(bob)
    put_in_place(small_file, replace=True)
    sessions.ended_sessions.refresh()  # every process does so every 2 seconds
    assert not is_signed_in(bob)
    assert is_signed_in(sign_in("alice"))
    assert not is_signed_in(bob)


def test_a_session_begun_right_after_a_restore_is_taken(small_file: Path, sign_in: SignIn) -> None:
    """Before the server has noticed, and for the second time."""
    for _ in range(2):
        sessions.ended_sessions.refresh()
        put_in_place(small_file, replace=True)
        alice = sign_in("alice")
        assert alice.get("/api/messages", headers=PROGRAM).status_code == 200
        sessions.ended_sessions.refresh()


@ONE_DATABASE
def test_a_named_pipe_is_refused_and_not_waited_for(database_url: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    pipe = tmp_path / "pipe"
    assert refusal(database_url, pipe, "--check") == (
        f"{pipe} is a pipe: give it to standard input, with restore - < {pipe}"
    )


def test_a_server_started_after_a_restore_refuses_them_too(
    small_file: Path, bob: Person, sign_in: SignIn
) -> None:
    put_in_place(small_file, replace=True)
    sessions.ended_sessions.__init__()  # as in a new process
    sessions.ended_sessions.refresh()
    assert not is_signed_in(bob)
    alice = sign_in("alice")
    assert is_signed_in(alice)
    sessions.ended_sessions.refresh()
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
    sessions.ended_sessions.refresh()
    assert is_signed_in(app_client)
    put_in_place(small_file, replace=True)
    sessions.ended_sessions.refresh()
    assert not is_signed_in(app_client)


@pytest.mark.anyio
async def test_a_page_opened_with_an_old_token_ends(
    small_file: Path, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person("bob")
    bob = await board.sign_in("bob")
    watch = sessions.ended_sessions
    watch.refresh()
    stale = watch._ended

    def not_yet() -> sessions.Ended:
        watch._ended, watch._read_at = stale, sessions.time.monotonic()
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
        again = await board.open(bob, f"{epoch}.{seq}")  # before the restore was noticed
        assert again.status == 200
        assert await again.frame() == Frame(id=f"{epoch}.{seq}")
    assert [frame.event for frame in await again.rest()] == ["signed-out"]


@pytest.mark.anyio
async def test_a_page_that_comes_back_after_a_restore_is_refused(
    small_file: Path, board: Board
) -> None:
    add_person("bob")
    bob = await board.sign_in("bob")
    sessions.ended_sessions.refresh()
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
