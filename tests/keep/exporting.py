"""A conversation to be exported, and the command that exports it."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from service.access.visible import Member
from service.data import db
from service.data.tables import User
from service.messages import messages, writing
from tests.inside import run
from tests.people import add_bot, add_person
from tests.servers import PROJECT

EVENING = dt.datetime(2026, 11, 22, 23, 30, 5, tzinfo=dt.UTC)
SUMMER = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)


def exported(url: str, *arguments: str) -> str:
    """Return what an export that went well wrote."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "exported"
        name = {"BOARD_NAME": "Tea & <Talk>"}
        done = run(url, "export", *arguments, "--output", str(file), **name)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        return file.read_bytes().decode()


def on_standard_output(url: str, *arguments: str) -> str:
    """Return what an export by a process of its own wrote there."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "export", *arguments],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url, "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.decode()


def complaint(url: str, *arguments: str) -> str:
    """Return the one sentence in which a command refused."""
    done = run(url, "export", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line.removeprefix("Error: ")


def conversation() -> tuple[messages.MessageView, messages.MessageView]:
    """Let Alice and a bot write what is exported, and something that is not."""
    alice = add_person("alice")
    bob = add_bot("=Bøb", alice)
    with db.write():
        User.update(display_name="+Alice & Co").where(User.id == alice.id).execute()
    first = writing.post(alice.id, 'Grüße,\n"日本" & <b>', timestamp=SUMMER)
    deleted = writing.post(bob.id, "Oh no", timestamp=SUMMER)
    last = writing.post(bob.id, "see https://htmx.org/?a=1&b=2.", timestamp=EVENING)
    writing.delete(Member(bob.id), deleted.id)
    writing.edit(Member(bob.id), last.id, "See https://htmx.org/?a=1&b=2.")
    return first, last
