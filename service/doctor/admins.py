"""Admins: whether somebody can look after the people of the board."""

from collections.abc import Generator

from service.access import admins
from service.base.program import PROGRAM
from service.data import db

MISSING = f"No admin can sign in: `{PROGRAM} user role NAME admin` makes somebody one."


def check() -> Generator[str, None, str]:
    """Find that there is nobody, as on a board that an older release began."""
    with db.read():
        missing, waiting = admins.are_missing(), admins.waiting()
    if missing:
        yield MISSING
    told = f"; {waiting} of them {'waits' if waiting == 1 else 'wait'} to be let in"
    return f"somebody can look after people{told if waiting else ''}"
