"""A room that is changed: its row in one transaction, and whether that may be done."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from service.access import audit, roles, standing, visible
from service.access.audit import Actor, Someone
from service.access.roles import Action, Deed
from service.access.standing import Standing
from service.access.visible import User
from service.base.errors import NotFound
from service.data import db, events, tables
from service.data.tables import Room
from service.rooms import deeds, rooms, told
from service.rooms.rooms import RoomView

GONE = "There is no such room, or it is not there for you any more."


@dataclass(frozen=True)
class Changing:
    """A room's row, locked, and the room as whoever changes it sees it, read since."""

    me: User
    by: Actor
    row: Room
    room: RoomView
    name: str  # of whoever changes it, as others see it
    now: Standing

    def require(self, deed: Deed) -> None:
        """Raise Forbidden or Conflict unless `me` can do that with the room."""
        if fault := deeds.fault(deed, self.room, self.me.user_id, self.may):
            raise fault

    def may(self, action: Action) -> bool:
        owner = self.now.owner and self.now.owner.role
        return action in self.me.scopes and roles.may(self.now.role, action, owner)

    def change(self, **values: Any) -> None:
        """Change the row; before anything else is locked."""
        Room.update(**values).where(Room.id == self.row.id).execute()

    def tell(self, text: str) -> None:
        """Say in the room what `me` did; `text` follows their name."""
        told.tell(self.row.id, self.me.user_id, f"{self.name} {text}")

    def note(self, action: str, on: Someone | None = None, **detail: object) -> None:
        """Write it to the audit log: of a room that not everybody sees, its address alone."""
        named = {"called": self.row.name} if self.row.kind == "open" else {}
        audit.note(self.by, action, on, room=self.row.slug, **named, **detail)

    def changed(self) -> None:
        """Let open pages know that the room is another now."""
        events.append(self.row.id, "room", self.row.id)

    def moved(self, *users: int) -> None:
        """Let the pages of some users know that they are in the room now, or no more."""
        room = self.row.id
        events.append_all(events.Happened(room, "membership", room, each) for each in users)


@contextmanager
def changing(
    me: User, by: Actor, slug: str, action: Action = "post", others: Iterable[int] = ()
) -> Generator[Changing]:
    """Change a room in one transaction; the rows of `me` and of `others` stay meanwhile.

    Raises NotFound for one that `me` does not see, Forbidden if their role does not allow the
    action, NotSignedIn if they are gone.
    """
    with db.write():
        people = kept({me.user_id, *others})
        seen = Room.slug == slug, Room.id << visible.rooms(me)
        row = db.locked(Room.select().where(*seen)).get_or_none()
        now = standing.require(me, action)
        # Again: who was removed while this waited for the row sees it no more.
        room = rooms.now(me, slug) if row else None
        if row is None or room is None:
            raise NotFound(GONE)
        yield Changing(me, by, row, room, now.display_name or people[me.user_id], now)


def kept(users: Iterable[int]) -> dict[int, str]:
    """Return the usernames of some users by their ids; none of them is deleted meanwhile.

    Before the locks of rooms.
    """
    query = tables.User.select().where(tables.User.id << sorted(users)).order_by(tables.User.id)
    return {row.id: row.username for row in db.kept(query)}
