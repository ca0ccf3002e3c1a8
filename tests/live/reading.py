"""The hub, as far as it has read."""

from service.data import db, events
from tests.streams import Board


async def read_on(board: Board) -> None:
    """Let the hub read all that was written."""
    with db.read():
        now = events.newest()
    await board.hub.feed.as_far_as(now)
