"""Admins who can sign in: a board should have one."""

from service.access.roles import MAY
from service.data.tables import User

ABLE = User.role << MAY["manage"], User.disabled_at.is_null(), User.deleted_at.is_null()


def are_missing() -> bool:
    """Say whether there are people, but no admin who can sign in; in a transaction."""
    return User.select().exists() and not User.select().where(*ABLE).exists()


def waiting() -> int:
    """Return how many wait to be let in; in a transaction."""
    return User.select().where(User.pending_at.is_null(False), User.deleted_at.is_null()).count()
