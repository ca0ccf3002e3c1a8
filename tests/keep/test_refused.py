"""What a restore refuses: boards in use, damaged files, forgeries."""

import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from service.accounts import accounts
from service.base.errors import BoardError
from service.keep import backup, restore, saved, seal
from tests.keep.forgeries import in_manifest, instead, silently_changed
from tests.keep.restoring import refusal
from tests.keeping import fill, forge, restored, whole
from tests.people import ONE_DATABASE, add_person


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


def test_what_would_fill_a_disk_is_refused(small_file: Path, tmp_path: Path) -> None:
    bomb = forge(small_file, tmp_path / "bomb.zip", instead("users.jsonl", b" " * 10_000_000))
    with pytest.raises(saved.Damaged) as refused, saved.opened(bomb):
        pytest.fail("it was believed")
    assert "bytes would be unpacked to 10,0" in str(refused.value)


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
    newer = forge(small_file, tmp_path / "newer.zip", in_manifest(format=5, contents={}))
    assert refusal(database_url, newer) == (
        f"{newer} was made by a newer release: install that one, then restore."
    )


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


@ONE_DATABASE
def test_a_named_pipe_is_refused_and_not_waited_for(database_url: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    pipe = tmp_path / "pipe"
    assert refusal(database_url, pipe, "--check") == (
        f"{pipe} is a pipe: give it to standard input, with restore - < {pipe}"
    )
