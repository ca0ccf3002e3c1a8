"""Where an export goes, and what goes wrong."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.inside import run
from tests.keep.exporting import complaint, conversation, on_standard_output
from tests.keeping import fill
from tests.people import ONE_DATABASE
from tests.servers import PROJECT


@ONE_DATABASE
def test_a_file_is_new_and_its_owners_alone(
    database: None, database_url: str, tmp_path: Path
) -> None:
    conversation()
    file = tmp_path / "messages.csv"
    assert run(database_url, "export", "--format", "csv", "--output", str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(newline="") == on_standard_output(database_url, "--format", "csv")
    assert complaint(database_url, "--format", "html", "--output", str(file)) == (
        f"{file} is there already; it was left as it is."
    )


@ONE_DATABASE
def test_an_unknown_zone_or_format_is_said(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "messages"
    for zone in ("Mars/Olympus", "", "localtime", "../etc/passwd"):
        assert complaint(
            database_url, "--format", "csv", "--zone", zone, "--output", str(file)
        ) == (f"There is no time zone named {zone}; try Europe/Berlin.")
    assert complaint(database_url, "--format", "pdf") == (
        "The format is one of jsonl, csv, html, not pdf."
    )
    assert not file.exists()


@ONE_DATABASE
def test_a_full_disk_is_said_and_a_closed_pipe_is_not(database: None, database_url: str) -> None:
    fill(2000)
    command = f"{sys.executable} -m service export --format jsonl"
    for target, code, said in (
        ("> /dev/full", 1, "Error: No space left on device: standard output\n"),
        ("| head -1 > /dev/null; exit ${PIPESTATUS[0]}", 1, ""),
    ):
        done = subprocess.run(
            ["bash", "-c", f"{command} {target}"],
            cwd=PROJECT,
            env={**os.environ, "DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (code, said)
