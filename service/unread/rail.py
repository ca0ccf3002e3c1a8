"""The rail: the rooms and direct messages of somebody, with what is unread, beside every page.

It is read with each page, and is another for each reader.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.requests import Request

from service.access.duty import Duties
from service.access.identity import Identity
from service.access.options import Current
from service.access.roles import Action
from service.access.visible import User
from service.base import lanes, parts, splices
from service.base.splices import Patch
from service.data import db
from service.data.tables import BOARD
from service.rooms import rooms
from service.rooms.places import Place
from service.rooms.rooms import Person
from service.unread import unread
from service.unread.marks import Marks
from service.unread.unread import Seat
from service.web import render
from service.web.render import Renderer

TRUSTED_FOR = 1.0  # seconds; as long as a change by another process may go unseen on SQLite
MOST = 1000  # readers whose rail is kept
PAGES = 20  # of a reader, beside which their rail is kept as it was made


class Item(NamedTuple):
    """A room in the rail."""

    page: str
    slug: str
    kind: str
    name: str
    face: Person | None  # of a direct message with one other
    unread: bool
    count: int


@dataclass(frozen=True)
class Rail:
    """What the rail of somebody holds."""

    rooms: tuple[Item, ...]
    directs: tuple[Item, ...]

    @property
    def unread(self) -> bool:
        """Whether anything is unread."""
        return any(each.unread for each in (*self.rooms, *self.directs))

    @property
    def count(self) -> int:
        """How much of it is meant for them."""
        return sum(each.count for each in (*self.rooms, *self.directs))

    def current(self, path: str) -> str:
        """Return the page of its rooms that a path is or is below; nothing if it is of none."""
        pages = (each.page for each in (*self.rooms, *self.directs))
        return next((page for page in pages if f"{path}/".startswith(f"{page}/")), "")


class Made(NamedTuple):
    """A rail beside a page, and compressed."""

    html: Markup
    packed: Patch


NONE = Made(Markup(), splices.compressed(b""))


@dataclass
class Known:
    """A rail as it was read, how far its reader has read in each room, and what was made of it."""

    rail: Rail
    read: dict[int, int]
    marks: dict[int, int]
    commits: int | None
    moment: float = field(default_factory=time.monotonic)
    made: OrderedDict[tuple[str, frozenset[Action]], Made] = field(default_factory=OrderedDict)

    def is_current(self, marks: dict[int, int]) -> bool:
        """Say whether nothing has changed, as far as that is known without a look: see newest."""
        if self.commits is None or self.commits != db.commits() or self.marks != marks:
            return False
        return time.monotonic() - self.moment < TRUSTED_FOR


class Rails:
    """The rails of those who have pages open."""

    def __init__(self, renderer: Renderer, marks: Marks) -> None:
        self._renderer = renderer
        self._marks = marks
        self._known: OrderedDict[int, Known] = OrderedDict()

    def at_hand(self, me: User) -> Known | None:
        """Return somebody's rail if it is known without a look that it is current."""
        known = self._known.get(me.user_id)
        return known if known and known.is_current(self._marks.of(me.user_id)) else None

    def read(self, me: User) -> Known:
        """Return somebody's rail as it is now."""
        # Before it is read, as for the newest page.
        commits, marks = db.commits(), self._marks.of(me.user_id)
        with db.read():
            seats = unread.seats(me, marks)
            faces = rooms.others(me, [each for each in seats if each.kind == "direct"])
        rail = _rail(seats, faces)
        before = self._known.get(me.user_id)
        read = {each.id: each.read for each in seats}
        made = before.made if before and before.rail == rail else OrderedDict()
        known = Known(rail, read, marks, commits, made=made)
        # To the end; other threads do the same, and take away what is at the beginning.
        self._known.pop(me.user_id, None)
        self._known[me.user_id] = known
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return known

    def made(self, known: Known, path: str, begins: frozenset[Action]) -> Made:
        """Return a rail beside the page of a path; `begins` says what its reader may make."""
        here = known.rail.current(path)
        if (found := known.made.get((here, begins))) is None:
            context = {"rail": known.rail, "here": here, "begins": begins}
            text = self._renderer.text("unread/_rail.html", **context)
            found = Made(Markup(text), splices.compressed(text.encode()))  # noqa: S704, a template's
            known.made[here, begins] = found
            if len(known.made) > PAGES:
                known.made.popitem(last=False)
        return found


def json(items: Iterable[Item]) -> dict[str, Any]:
    """Return rooms of a rail as programs get them."""
    return {"rooms": [_told(each) for each in items]}


def _told(item: Item) -> dict[str, Any]:
    told = item._asdict()
    return {name: told[name] for name in ("slug", "kind", "name", "unread", "count")}


def known(request: Request, me: Identity) -> Known:
    """Return the rail as it was read for this request, or read it."""
    return parts.maybe(request, Known) or parts.of(request, Rails).read(me)


def around(request: Request, me: Identity, path: str | None = None) -> Made:
    """Return the rail beside the page that is asked for, or that of another path."""
    path = request.scope["path"] if path is None else path
    return parts.of(request, Rails).made(known(request, me), path, _begins(request, me))


def _begins(request: Request, me: Identity) -> frozenset[Action]:
    lets = parts.of(request, Current).known.let_make_rooms(me.role)
    begun: tuple[Action, ...] = ("room", "direct") if lets else ("direct",)
    return frozenset(filter(me.may, begun))


def beside(request: Request, me: Identity) -> Markup:
    """Return the same as HTML alone; nothing for whoever lacks the second factor they must have."""
    return around(request, me).html if parts.of(request, Duties).is_met(request, me) else Markup()


async def fetch(request: Request, me: Identity) -> None:
    """Find the rail for this request, if a page is asked for."""
    if render.caller(request) == "page":
        at_hand = parts.of(request, Rails).at_hand(me)
        parts.put(request, at_hand or await lanes.run(request.scope, "reads", known, request, me))


def _rail(seats: Iterable[Seat], faces: dict[int, tuple[Person, ...]]) -> Rail:
    items = [(each.id != BOARD, _item(each, faces.get(each.id, ()))) for each in seats]
    items.sort(key=lambda pair: (pair[0], pair[1].name.casefold()))
    rooms = tuple(item for _, item in items if item.kind != "direct")
    return Rail(rooms, tuple(item for _, item in items if item.kind == "direct"))


def _item(seat: Seat, others: tuple[Person, ...]) -> Item:
    name = ", ".join(each.shown for each in others) if seat.kind == "direct" else seat.name
    face = others[0] if len(others) == 1 else None
    page = Place(seat.id, seat.slug).page
    return Item(page, seat.slug, seat.kind, name, face, bool(seat.dot), seat.count)
