"""What the board's commands say."""

import subprocess

from tests.inside import run
from tests.servers import BUILT, board


def command(database_url: str, *arguments: str, **how: str) -> subprocess.CompletedProcess[str]:
    """Run a command: in this process, but for the one file's and one that might serve."""
    apart = BUILT or "serve" in arguments
    return (board if apart else run)(database_url, *arguments, **how)


def said(database_url: str, *arguments: str, **how: str) -> str:
    """Return what a command that went well said."""
    done = command(database_url, *arguments, **how)
    assert done.returncode == 0, done.stderr
    assert all(" service.security " in line for line in done.stderr.splitlines()), done.stderr
    return done.stdout


def complaint(database_url: str, *arguments: str, exit_code: int = 1, **how: str) -> str:
    """Return the one line in which a command refused."""
    done = command(database_url, *arguments, **how)
    assert (done.returncode, done.stdout) == (exit_code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")
