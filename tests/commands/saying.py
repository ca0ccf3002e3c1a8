"""What the board's commands say, to the end of their process."""

from tests.servers import board


def said(database_url: str, *arguments: str, **how: str) -> str:
    """Return what a command that went well said."""
    done = board(database_url, *arguments, **how)
    assert done.returncode == 0, done.stderr
    assert all(" service.security " in line for line in done.stderr.splitlines()), done.stderr
    return done.stdout


def complaint(database_url: str, *arguments: str, exit_code: int = 1, **how: str) -> str:
    """Return the one line in which a command refused."""
    done = board(database_url, *arguments, **how)
    assert (done.returncode, done.stdout) == (exit_code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")
