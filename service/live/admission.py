"""Admission: who begins to read a room is asked for, once nothing of it can be missed."""

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from service.access import visible
from service.access.identity import Identity
from service.base.errors import NotFound
from service.base.together import Shared
from service.data import db

Asked = tuple[int, int]  # the room, and who wants to read it


class Admission:
    """Looks up together who come back together, as after a restart."""

    def __init__(self, thread: CapacityLimiter) -> None:
        self._thread = thread
        self._looks: Shared[Asked, set[Asked]] = Shared()

    async def check(self, me: Identity, room: int) -> None:
        """Raise NotFound if `me` may not see the room, be there one or not."""
        asked = room, me.user_id
        if asked not in await self._looks.ask(asked, self._look):
            raise NotFound

    async def _look(self, asked: set[Asked]) -> set[Asked]:
        return await run_sync(_admitted, asked, limiter=self._thread)


def _admitted(asked: set[Asked]) -> set[Asked]:
    with db.read():
        return {
            (room, user)
            for room in {room for room, _ in asked}
            for user in visible.readers(
                room, {user for asked_room, user in asked if asked_room == room}
            )
        }
