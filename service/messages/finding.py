"""Where a search looks: in one room or in all, as far as its in: goes and its reader sees."""

from service.access import visible
from service.access.visible import Reader, Trusted
from service.base import words
from service.base.errors import Invalid
from service.data.tables import Message
from service.rooms import rooms
from service.rooms.rooms import RoomView
from service.search.query import Query
from service.search.search import Within


def everywhere(me: Reader, query: Query, before: int | None) -> Within:
    """Return where a search of all rooms looks, below a message's id; raise Invalid."""
    seen = (
        rooms.seen(me) if not isinstance(me, Trusted) and (query.rooms or query.not_rooms) else []
    )
    wanted, unwanted = (
        frozenset(room for name in names for room in _named(seen, name))
        for names in (query.rooms, query.not_rooms)
    )
    return Within(wanted if query.rooms else None, unwanted, before)


def in_room(me: Reader, query: Query, room: int, before: int | None) -> Within:
    """Return where a search of one room looks, below a message's number; raise Invalid."""
    asked = everywhere(me, query, None)
    here = {room} if asked.rooms is None else {room} & asked.rooms
    return Within(frozenset(here - asked.not_rooms), before=_id_before(me, room, before))


def _id_before(me: Reader, room: int, number: int | None) -> int | None:
    """Return the id that a room's messages before a number are below, none if all are."""
    if number is None:
        return None
    from_there = visible.messages(me, Message.id).where(
        Message.room == room, Message.number >= number
    )
    found = from_there.order_by(Message.number).limit(1).first()
    return found.id if found else None


def _named(seen: list[RoomView], name: str) -> list[int]:
    """Return the rooms of a name or a slug, or a direct message with one other of that name."""
    key = words.name_key(name.removeprefix("#"))
    found = [room.place.id for room in seen if key in _keys(room)]
    if not found:
        raise Invalid(q=f"There is no room {name}. Write it as the list of rooms does.")
    return found


def _keys(room: RoomView) -> set[str]:
    keys = {words.name_key(room.name), room.place.slug}
    if len(room.others) == 1:
        keys |= {words.name_key(f"{at}{room.others[0].username}") for at in ("", "@")}
    return keys
