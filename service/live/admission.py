"""Admission: who begins to read a room is asked for, once nothing of it can be missed."""

from dataclasses import dataclass, replace

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from service.access import standing, visible
from service.access.identity import Identity
from service.access.standing import Standing
from service.base import characters
from service.base.errors import NotFound, NotSignedIn
from service.base.together import Shared
from service.data import db, events
from service.data.tables.rooms import BOARD, FIRST, Room

Asked = tuple[int, int]  # the room, and who wants to read it
NOWHERE = -1  # the id of no room


@dataclass(frozen=True)
class Found:
    """Who may see a room: what they are, none of who is kept out; as of that event or a later."""

    seq: int
    admitted: dict[Asked, Standing | None]


class Admission:
    """Looks up together who come back together, as after a restart."""

    def __init__(self, thread: CapacityLimiter) -> None:
        self._thread = thread
        self._looks: Shared[Asked, Found] = Shared()
        self._rooms: dict[str, int] = {str(FIRST["slug"]): BOARD}  # none ever has another slug

    async def find(self, slug: str) -> int:
        """Return the id of a room, or of none: whether it may be seen is asked of both alike."""
        if not characters.can_be_stored(slug):
            return NOWHERE
        if slug not in self._rooms:
            found = await run_sync(_id_of, slug, limiter=self._thread)
            if found is None:
                return NOWHERE
            self._rooms[slug] = found
        return self._rooms[slug]

    async def check(self, me: Identity, room: int) -> tuple[Identity, int]:
        """Return `me` as they are now, and the number of an event that is known by then.

        Raise NotFound if they may not see the room, be there one or not, NotSignedIn if they are
        kept out.
        """
        asked = room, me.user_id
        found = await self._looks.ask(asked, self._look)
        if asked not in found.admitted:
            raise NotFound
        now = found.admitted[asked]
        if now is None:
            raise NotSignedIn
        return replace(me, **now._asdict()), found.seq

    async def _look(self, asked: set[Asked]) -> Found:
        return await run_sync(_admitted, asked, limiter=self._thread)


def _id_of(slug: str) -> int | None:
    with db.read():
        found = Room.select(Room.id).where(Room.slug == slug).first()
    return found.id if found else None


def _admitted(asked: set[Asked]) -> Found:
    with db.read():
        seq = events.newest().seq  # first: what is read after it is no older
        now = standing.of({user for _, user in asked})
        admitted = {
            (room, user): now.get(user)
            for room in {room for room, _ in asked}
            for user in visible.readers(
                room, {user for asked_room, user in asked if asked_room == room}
            )
        }
        return Found(seq, admitted)
