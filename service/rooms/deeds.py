"""What may be done with a room, by whom: data in `access/roles`, and what a room's kind allows."""

from collections.abc import Callable

from service.access import roles
from service.access.roles import REFUSED, ROOM_DEEDS, Action, Deed
from service.base.errors import BoardError, Conflict, Forbidden
from service.rooms.rooms import RoomView

FIXED = "A direct message stays as it is: its people are always the same, and it has no name."
FIRST = "Everybody is in this room: it stays open, and nobody leaves it."
ARCHIVED = "This room is archived. Bring it back first."
JOIN_FIRST = "Join this room first."
TO_THE_FIRST: frozenset[Deed] = frozenset({"name", "topic"})  # the rest would take it from somebody
TO_ARCHIVED: frozenset[Deed] = frozenset({"remove", "archive", "delete"})


def fault(
    deed: Deed, room: RoomView, user_id: int, may: Callable[[Action], bool]
) -> BoardError | None:
    """Return why a user can't do something with a room that they see, or None if they can.

    `may` says what their role, and the proof they brought, allow.
    """
    if room.kind == "direct":
        return Conflict(FIXED)
    if room.first and deed not in TO_THE_FIRST:
        return Conflict(FIRST)
    if refused := _refused(deed, room, user_id, may):
        return refused
    return Conflict(ARCHIVED) if room.archived and deed not in TO_ARCHIVED else None


def _refused(
    deed: Deed, room: RoomView, user_id: int, may: Callable[[Action], bool]
) -> Forbidden | None:
    action = ROOM_DEEDS[deed]
    if not may("post"):
        return Forbidden(REFUSED["post"])
    # Nobody makes private what they would not see then.
    if (action == "post" or deed == "private") and not room.member:
        return Forbidden(JOIN_FIRST)
    if room.created_by == user_id or may(action):
        return None
    who = "admins" if action == "manage" else "moderators"
    return Forbidden(f"Only {who} may do that, and who made the room.")


def leaves(room: RoomView) -> bool:
    """Say whether somebody in a room can leave it."""
    return room.member and room.kind != "direct" and not room.first


def allowed(room: RoomView, user_id: int, may: Callable[[Action], bool]) -> frozenset[Deed]:
    """Return what a user can do with a room that they see."""
    return frozenset(deed for deed in roles.ROOM_DEEDS if not fault(deed, room, user_id, may))
