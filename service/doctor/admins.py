"""Admins: whether somebody can look after the people of the board."""

from collections.abc import Generator

from service.access import admins
from service.base.program import PROGRAM
from service.data import db

MISSING = f"No admin can sign in: `{PROGRAM} user role NAME admin` makes somebody one."


def check() -> Generator[str, None, str]:
    """Find that there is nobody, as on a board that an older release began."""
    with db.read():
        missing = admins.are_missing()
    if missing:
        yield MISSING
    return "somebody can look after people"
