"""Rows that no board has saved, and rows that only older releases have."""

import resource
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from service.data.tables import User
from service.keep import saved
from service.keep.keys import Keys
from service.messages import writing
from tests.keep.forgeries import FORGERIES, Files, another, in_row
from tests.keep.restoring import counter, put_in_place
from tests.keeping import forge, whole
from tests.people import add_person, password_hash


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
