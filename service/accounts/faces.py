"""Faces: what others see of somebody."""

from collections.abc import Collection
from dataclasses import dataclass

from service.access.visible import Reader
from service.data.tables import User


@dataclass(frozen=True)
class Face:
    """Somebody as others see them."""

    id: int
    username: str
    display_name: str | None
    role: str


def faces(_: Reader, ids: Collection[int]) -> dict[int, Face]:
    """Return those of some users by their ids, in the caller's transaction.

    Everybody who reads the board may see who else does.
    """
    rows = User.select(User.id, User.username, User.display_name, User.role)
    return {
        row.id: Face(row.id, row.username, row.display_name, row.role)
        for row in rows.where(User.id << list(ids))
    }
