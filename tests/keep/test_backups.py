"""The backups in a folder: which there are, and one of them for whoever can't reach it."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from service.keep import backup
from tests.inside import run
from tests.people import ONE_DATABASE
from tests.servers import PROGRAM, PROJECT, environment

NEWER, OLDER = "board-2026-11-01T020000Z.zip", "board-2026-11-02T020000Z.zip"  # by a wrong clock


@pytest.fixture
def folder(database: None, tmp_path: Path) -> Path:
    """Return a folder of two backups, and of what is none."""
    made = tmp_path / "backups"
    made.mkdir()
    for name, written in ((NEWER, 2_000), (OLDER, 1_000)):
        backup.write(made / name)
        os.utime(made / name, (0, written))
    (made / f"{NEWER}.partial").write_text("Half of one")
    (made / "notes.txt").write_text("Mine")
    return made


def sent(folder: Path, name: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, "backups", str(folder), "--send", name],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )


@ONE_DATABASE
def test_backups_are_listed_newest_first(folder: Path) -> None:
    sizes = {name: f"{(folder / name).stat().st_size:,}" for name in (NEWER, OLDER)}
    done = run("", "backups", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        [NEWER, sizes[NEWER], "bytes", "1970-01-01", "00:33:20", "UTC"],
        [OLDER, sizes[OLDER], "bytes", "1970-01-01", "00:16:40", "UTC"],
    ]


@ONE_DATABASE
@pytest.mark.parametrize(("name", "file"), [("newest", NEWER), (OLDER, OLDER)])
def test_a_backup_is_sent_byte_for_byte(folder: Path, name: str, file: str) -> None:
    done = sent(folder, name)
    assert done.stdout == (folder / file).read_bytes()
    assert (done.returncode, done.stderr) == (0, f"Sent {file}.\n".encode())


@ONE_DATABASE
def test_nothing_is_sent_of_what_is_missing_or_damaged(folder: Path, tmp_path: Path) -> None:
    content = (folder / NEWER).read_bytes()
    (folder / NEWER).write_bytes(content[:-1])
    for place, name, said in (
        (folder, "newest", f"{folder}/{NEWER} is no backup, or it was damaged or cut short."),
        (folder, "notes.txt", f"There is no backup named notes.txt in {folder}."),
        (
            folder,
            f"../backups/{OLDER}",
            f"There is no backup named ../backups/{OLDER} in {folder}.",
        ),
        (tmp_path, "newest", f"There is no backup in {tmp_path}."),
        (tmp_path / "none", "newest", f"No such file or directory: {tmp_path}/none"),
    ):
        done = sent(place, name)
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode() == f"Error: {said}\n"


@ONE_DATABASE
def test_whoever_holds_the_folder_lets_go_when_told_to(folder: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "backups", "--hold", str(folder)],
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    assert process.stderr.readline() == "Waiting for an hour, or until SIGTERM or Ctrl-C.\n"
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    listed, _ = process.communicate(timeout=20)
    assert (process.returncode, listed.count("\n")) == (0, 2)
