"""A search of all rooms that somebody sees: what it finds, and where older hits go on."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.access.visible import User
from service.base.errors import Invalid
from service.data import db, tables
from service.data.cursors import Cursors
from service.data.events import Cursor
from service.messages import finding, messages
from service.messages.messages import MessageView
from service.rooms import rooms
from service.rooms.rooms import RoomView
from service.search import search
from service.search.query import Query

PLACE = "place"  # begins a place in what was found, where a cursor has its epoch
MAX_NAMES = 200  # that a field completes


@dataclass(frozen=True)
class Hit:
    """A message that was found, and the room where it is."""

    message: MessageView
    room: RoomView


@dataclass(frozen=True)
class Found:
    """Hits, newest first, and the id of the message that older ones are before."""

    hits: list[Hit]
    before: int | None = None


def find(me: User, wanted: Query, before: int | None = None) -> Found:
    """Return the newest PAGE_SIZE messages of all rooms that match, before an id; raise Invalid."""
    search.catch_up()
    with db.read():
        within = finding.everywhere(me, wanted, before)
        ids = search.newest_ids(me, wanted, within, messages.PAGE_SIZE + 1)
        views = messages.found(me, ids[: messages.PAGE_SIZE])
        seen = {room.place.id: room for room in rooms.seen(me, {m.place.id for m in views})}
    hits = [Hit(m, seen[m.place.id]) for m in views if m.place.id in seen]
    return Found(hits, ids[messages.PAGE_SIZE - 1] if len(ids) > messages.PAGE_SIZE else None)


def sealed(cursors: Cursors, id_: int | None) -> str | None:
    """Return a place in what was found as its reader gets it, who learns no id by it."""
    return None if id_ is None else cursors.sealed(Cursor(PLACE, id_))


def opened(cursors: Cursors, text: str) -> int | None:
    """Return the id that a place is of, none of an empty one; raise Invalid."""
    if not text:
        return None
    place = cursors.parse(text)
    # A plain one is of nobody who got it from here.
    if place is None or place.plain or place.epoch != PLACE:
        raise Invalid(before="Give before as the answer before this one had it.")
    return place.seq


def completions(me: User) -> dict[str, list[str]]:
    """Return the names of people and rooms that fields complete."""
    person = tables.User
    people = person.select(person.username).where(
        person.disabled_at.is_null(), person.deleted_at.is_null(), person.pending_at.is_null()
    )
    with db.read():
        names = [row.username for row in people.order_by(person.username_key).limit(MAX_NAMES)]
        seen = rooms.seen(me)
    return {"people_names": names, "room_names": _names(seen)}


def _names(seen: Iterable[RoomView]) -> list[str]:
    return sorted({room.name for room in seen if room.name}, key=str.casefold)[:MAX_NAMES]
