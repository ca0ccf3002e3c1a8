"""Audiences: who reads a room, as the hub knows it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from service.access import visible
from service.access.visible import EVERYONE
from service.data.events import Cursor
from service.data.tables import BOARD, Event, Membership, Room

# What changes who reads a room, or what else its members are shown of it.
KINDS = frozenset({"room", "membership"})


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a room, and who is in it."""

    slug: str
    is_open: bool
    members: frozenset[int]  # users; none of the first room, which everybody is in
    everybody: bool = False

    def includes(self, user: int) -> bool:
        """Say whether somebody may see the room."""
        return self.is_open or user in self.members

    def joined(self, users: Collection[int]) -> Collection[int]:
        """Return which of some users are in the room."""
        return users if self.everybody else self.members.intersection(users)


def of(rooms: Iterable[int]) -> dict[int, Audience]:
    """Return the audiences of those of some rooms that are there."""
    wanted = set(rooms)
    if not wanted:
        return {}
    members: dict[int, set[int]] = {room: set() for room in wanted}
    named = Membership.room << list(wanted - {BOARD})
    for row in Membership.select(Membership.room, Membership.user).where(named):
        members[row.room_id].add(row.user_id)
    found = Room.select(Room.id, Room.slug, Room.kind)
    found = found.where(Room.id << list(wanted), Room.id << visible.rooms(EVERYONE))
    return {
        row.id: Audience(
            row.slug, row.kind == "open", frozenset(members[row.id]), everybody=row.id == BOARD
        )
        for row in found
    }


def ahead(cursor: Cursor) -> set[int]:
    """Return the rooms whose audiences have changed after a cursor."""
    found = visible.events(EVERYONE).select(Event.room).distinct()
    return {row.room for row in found.where(Event.seq > cursor.seq, Event.kind << KINDS)}


class Audiences:
    """The audiences of the rooms that something happened in, until they change."""

    def __init__(self) -> None:
        self._known: dict[int, Audience] = {}

    def known(self) -> frozenset[int]:
        return frozenset(self._known)

    def take(self, moved: Collection[int], read: Mapping[int, Audience]) -> None:
        """Learn what was read; of what has moved, nothing older counts."""
        for room in moved:
            self._known.pop(room, None)
        self._known |= read

    def get(self, room: int) -> Audience | None:
        return self._known.get(room)

    def clear(self) -> None:
        self._known.clear()
