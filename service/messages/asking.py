"""What somebody asks of a room's messages: the newest, of those before an id, of those found."""

from dataclasses import dataclass, replace

from starlette.requests import Request

from service.access import roles
from service.access.identity import Identity
from service.base import parts
from service.base.errors import Invalid
from service.messages import messages
from service.messages.messages import Listing
from service.messages.newest import Kept
from service.rooms import rooms
from service.rooms.rooms import RoomView
from service.search import query
from service.search.query import Query


@dataclass(frozen=True)
class Asked:
    """Which messages somebody asks for, in which room, for which page."""

    me: Identity
    room: RoomView
    before: int | None = None
    search: Query | None = None
    fault: Invalid | None = None  # why the search can't be read
    role: str = ""  # of the page that asks for a part of itself
    had: str = ""  # and what it has in the place where one writes, as `writing`

    @property
    def newest(self) -> bool:
        """Say whether it is what most ask for, which is kept."""
        return self.before is None and self.search is None

    @property
    def newest_first(self) -> bool:
        """Say whether the newest message is at the top, rather than beside the composer below."""
        return self.me.newest_first

    @property
    def is_new_role(self) -> bool:
        """Say whether the page that asks was made for another role than its reader's now."""
        return self.role in roles.ROLES and self.role != self.me.role

    @property
    def writing(self) -> str:
        """Return what is in the place where one writes: the composer, or why there is none."""
        if self.room.archived:
            return "archived"
        if not self.me.may("post"):
            return "reads"
        return "composer" if self.room.member else "join"

    @property
    def is_new_composer(self) -> bool:
        """Say whether that page has another thing in that place than it would have now."""
        return self.had not in ("", self.writing)

    def find(self) -> Listing:
        """Return the messages; raise Invalid if the search can't be read."""
        if self.fault:
            raise self.fault
        return messages.newest(self.me, self.before, self.search, self.room.place.id)


def asked(request: Request, me: Identity, slug: str, before: int | None, q: str) -> Asked:
    """Return what a request asks for, in which room; a blank `q` is no search.

    Raises NotFound if `me` may not see the room.
    """
    given = request.query_params
    plain = Asked(
        me,
        _room(request, me, slug),
        before,
        role=given.get("role", ""),
        had=given.get("writing", ""),
    )
    if not q.strip():
        return plain
    try:
        return replace(plain, search=query.parse(q, me.zone))
    except Invalid as fault:
        return replace(plain, search=Query(q), fault=fault)


def _room(request: Request, me: Identity, slug: str) -> RoomView:
    kept = parts.maybe(request, Kept)
    return kept.rooms[me.user_id] if kept else rooms.find(me, slug)
