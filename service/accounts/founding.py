"""Whether a board has users yet; once it has, it always will."""

from service.access import names
from service.base.errors import NotFound
from service.data import db
from service.data.tables import User


class Founded(NotFound):
    """Somebody else was the first."""

    title = "This board is set up already"
    message = "It has its first admin. Sign in, or ask for an invitation."


class Founding:
    """What this process knows of that."""

    def __init__(self) -> None:
        self._over = False

    @property
    def over(self) -> bool:
        """Whether it is known that there are users; if not, ask `is_due`."""
        return self._over

    def is_due(self) -> bool:
        """Say whether nobody is there yet."""
        with db.read():
            self._over = User.select().exists()
        return not self._over


def claim() -> None:
    """Let one alone be the first user, in the transaction that makes them; raise Founded."""
    names.hold()  # as whoever makes a user does
    if User.select().exists():
        raise Founded
