"""Whether a board has users yet; once it has, it always will."""

from service.base.errors import NotFound
from service.data import db
from service.data.tables import EventCounter, User


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
    # There is no user's row to lock: whoever has the counter's looks, the others wait for that.
    db.locked(EventCounter.select()).get()
    if User.select().exists():
        raise Founded
