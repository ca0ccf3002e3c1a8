"""A room as others get it: as JSON, in templates, and when it changes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from service.access import visible
from service.access.identity import Identity
from service.access.visible import Reader
from service.base import clock
from service.data.tables import Room
from service.live.nouns import Noun
from service.rooms import rooms
from service.rooms.memberships import Inside
from service.rooms.places import Place
from service.rooms.rooms import Person, RoomView
from service.web.render import Renderer


def as_json(room: RoomView) -> dict[str, Any]:
    """Return a room as programs get it."""
    others = {"others": [_person(each) for each in room.others]} if room.kind == "direct" else {}
    return {
        "slug": room.place.slug,
        "kind": room.kind,
        "name": room.name,
        "topic": room.topic,
        "archived": room.archived,
        "people": room.people,
        "member": room.member,
        "level": room.level if room.member else None,
        **others,
    }


def inside_as_json(each: Inside) -> dict[str, Any]:
    """Return who is in a room as programs get it."""
    return _person(each.person) | {"joined_at": clock.utc(each.joined_at), "made_it": each.made_it}


def _person(person: Person) -> dict[str, Any]:
    names = {"username": person.username, "display_name": person.display_name}
    return names | {"bot": person.bot}


@dataclass(frozen=True, slots=True)
class Changed:
    """A room as it is now, for whoever has a page of it open."""

    place: Place
    kind: str
    name: str
    topic: str
    archived: bool
    people: int | None


def _changed(me: Reader, ids: Collection[int]) -> dict[int, Changed]:
    query = Room.select(Room, rooms.people())
    found = query.where(Room.id << list(ids), Room.id << visible.rooms(me))
    return {row.id: _view(row) for row in found}


def _view(row: Any) -> Changed:
    return Changed(
        place=Place(row.id, row.slug),
        kind=row.kind,
        name=row.name,
        topic=row.topic,
        archived=row.archived_at is not None,
        people=row.people,
    )


def _json(room: Changed) -> dict[str, Any]:
    # A direct message is called otherwise by each of its people: they ask for it.
    named = {} if room.kind == "direct" else {"name": room.name, "topic": room.topic}
    found = {"slug": room.place.slug, "kind": room.kind, "archived": room.archived}
    return {"details": found | {"people": room.people} | named}


def _html(renderer: Renderer, kind: str, room: Changed, _zone: Any, _viewer: Any) -> str:
    if kind == "membership":
        return ""
    return renderer.text("rooms/_changed.html", room=room)


def _viewer(_room: Changed, _me: Identity) -> None:
    """Everybody in a room is shown the same of it."""


noun = Noun(
    kinds=frozenset({"room", "membership"}),
    load=_changed,
    viewer=_viewer,
    html=_html,
    json=_json,
)
