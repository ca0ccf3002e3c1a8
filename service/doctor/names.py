"""Names: whether people could take one user for another."""

from collections.abc import Generator

from service.access import names
from service.base.program import PROGRAM
from service.data import db


def check() -> Generator[str, None, str]:
    """Find users whose names look alike; a new one is refused, but older releases took them."""
    with db.read():
        count, groups = names.look_alikes()
    for group in groups:
        yield (
            f"{' and '.join(map(ascii, group))} look alike: if that is not meant, "
            f"`{PROGRAM} user disable NAME` keeps one of them out."
        )
    return "1 name" if count == 1 else f"{count} names"
