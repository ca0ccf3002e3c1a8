"""Backups through pipes: nothing else comes along, and what was cut is an error."""

import io
import pty
import subprocess
from pathlib import Path
from typing import Any

from service.access import sessions
from service.accounts import accounts
from tests.inside import run
from tests.keeping import at, fill, sessions_there_are, story, whole
from tests.people import ONE_DATABASE
from tests.servers import KEY, PROGRAM, PROJECT, environment

NO_BACKUP = "Standard input is no backup, or it was damaged or cut short."


def shell(
    url: str, line: str, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a line in which $BOARD is the program, and return how it went."""
    given = {"DATABASE_URL": url, "SECRET_KEY": KEY, "BOARD": " ".join(PROGRAM), **environ}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=PROJECT,
        env={**environment(), **given},
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one sentence in which a command refused, having written nothing."""
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.decode().splitlines()
    return line.removeprefix("Error: ")


def test_a_board_moves_to_the_other_database_and_back(database_url: str, other_url: str) -> None:
    with at(database_url):
        story()
        alice = accounts.everyone()[0]
        sessions.start(alice.id, alice.password_hash, "UTC", "A test")
        first = whole()
    sent = shell(database_url, "$BOARD backup -")
    assert (sent.returncode, sent.stderr) == (0, b"Saved 2 users, 7 messages and 9 events.\n")
    moved = shell(other_url, "$BOARD restore -", sent.stdout)
    assert (moved.returncode, moved.stdout) == (0, sent.stderr.replace(b"Saved", b"Restored"))
    with at(other_url):
        assert _without_audit(whole()) == _without_audit(first)
    back = "DATABASE_URL=$OTHER $BOARD backup - | $BOARD restore --replace -"
    assert shell(database_url, back, OTHER=other_url).returncode == 0
    with at(database_url):
        assert _without_audit(whole()) == _without_audit(first)
        audit = whole()["audit"]
        assert audit[: len(first["audit"])] == first["audit"]
        told = [row["action"] for row in audit[len(first["audit"]) :]]
        assert told == ["backup.restored"] * 2
        assert sessions_there_are() == 0


def _without_audit(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Leave out what says that it was restored."""
    return {name: rows for name, rows in tables.items() if name != "audit"}


@ONE_DATABASE
def test_a_stream_that_is_cut_or_can_be_none_is_said(database: None, database_url: str) -> None:
    fill(2000)  # more than a pipe holds
    for line, said in (
        ("$BOARD backup - > /dev/full", "No space left on device: standard output"),
        ("$BOARD backup - >&-", "Standard output is closed."),
        (
            "$BOARD backup - | head -c 100 > /dev/null",
            "Standard output was closed before all of it was written.",
        ),
        ("$BOARD backup --keep 3 -", "--keep is for a folder of backups; - is none."),
        ("$BOARD restore --check - <&-", "Standard input is closed."),
        ("$BOARD backup - 2> /dev/null | head -c -1 | $BOARD restore --check -", NO_BACKUP),
    ):
        done = shell(database_url, line)
        assert done.returncode == 1
        assert done.stderr.decode().splitlines()[-1] == f"Error: {said}"
        assert done.stdout == b""


@ONE_DATABASE
def test_nothing_is_streamed_to_or_from_a_terminal(database: None, database_url: str) -> None:
    ours, terminal = pty.openpty()
    with io.FileIO(ours), io.FileIO(terminal, "r+"):
        for words, said in (
            (
                ["backup", "-"],
                b"Standard output is a terminal: send it to a file, with > board.zip.",
            ),
            (
                ["restore", "-"],
                b"Standard input is a terminal: take it from a file, with < board.zip.",
            ),
        ):
            done = subprocess.run(
                [*PROGRAM, *words],
                cwd=PROJECT,
                env={**environment(), "DATABASE_URL": database_url},
                stdin=terminal,
                stdout=terminal,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stderr) == (1, b"Error: " + said + b"\n")


@ONE_DATABASE
def test_too_little_room_for_standard_input_is_said(
    database: None, database_url: str, tmp_path: Path
) -> None:
    fill(2000)
    whole_file = shell(database_url, "$BOARD backup -").stdout
    folder = tmp_path / "small"
    folder.mkdir()
    line = "ulimit -f 40; $BOARD restore --check -"  # KiB, half of what it needs
    assert complaint(shell(database_url, line, whole_file, TMPDIR=str(folder))) == (
        f"File too large: {folder}, where standard input is kept until it is verified."
        " TMPDIR can name another folder."
    )
    assert list(folder.iterdir()) == []


@ONE_DATABASE
def test_a_file_named_like_standard_output_is_a_file(database: None, database_url: str) -> None:
    name = "./-"
    done = run(database_url, "restore", "--check", name)
    assert done.stderr == "Error: No such file or directory: -\n"
