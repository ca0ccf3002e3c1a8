"""The newest page of a room, kept while nothing changes: most readers ask for that."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sized
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from service.access.visible import EVERYONE, User
from service.base import lanes, parts
from service.base.errors import NotFound
from service.base.together import Shared
from service.data import db
from service.data.events import Cursor
from service.messages import messages
from service.rooms import rooms
from service.rooms.places import BOARD_PLACE
from service.rooms.rooms import RoomView

TRUSTED_FOR = 1.0  # seconds; as long as a change by another process may go unseen on SQLite
MOST_KINDS = 200  # of what is made of one page, for readers of different zones and so on
MOST_ROOMS = 100  # whose pages are kept
MOST_BYTES = 64 * 1024 * 1024  # of what is made of all pages, if they are of several rooms


class Kept:
    """A page, who may see it, and what has been made of it for its readers."""

    def __init__(self, listing: messages.Listing, mark: Cursor, commits: int | None) -> None:
        self.listing = listing
        self.mark = mark  # of the room, when it was read
        self.rooms: dict[int, RoomView] = {}  # as the users see it who were found to see it
        self.size = 0  # about the bytes of what has been made
        self.looked_at(commits)
        self._made: dict[Any, Any] = {}

    def looked_at(self, commits: int | None) -> None:
        """Note that the page was as it is when the database had so many commits."""
        self.commits, self.moment = commits, time.monotonic()

    def is_current(self) -> bool:
        """Say whether nothing has changed, as far as that is known without a look.

        On SQLite, where one process serves, that is told by its own commits; on PostgreSQL never.
        """
        if self.commits is None or self.commits != db.commits():
            return False
        return time.monotonic() - self.moment < TRUSTED_FOR

    def admit(self, slug: str, asking: Iterable[User]) -> None:
        """Learn how those who ask see the room, if they do; that changes with the page alone."""
        if new := [me for me in asking if me.user_id not in self.rooms]:
            with db.read():
                self.rooms |= rooms.seen_by(new, slug)

    def made[T: Sized](self, kind: Any, make: Callable[[], T]) -> T:
        """Return what `make` returns for a kind of reader, made once."""
        found = self._made.get(kind)
        if found is None:
            if len(self._made) >= MOST_KINDS:
                self._made.clear()
                self.size = 0
            found = self._made[kind] = make()
            self.size += len(found)
        return found


class Newest:
    """The newest page of a room."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._kept: Kept | None = None
        self._looks: Shared[User, Kept] = Shared()

    @property
    def last(self) -> Kept | None:
        """Return the page that was read last, however old."""
        return self._kept

    def at_hand(self, me: User) -> Kept | None:
        """Return the page if it is known without a look that it is current, and `me` may see it."""
        kept = self._kept
        return kept if kept and me.user_id in kept.rooms and kept.is_current() else None

    async def look(self, scope: Scope, me: User) -> Kept:
        """Return the page as it is now; raise NotFound if `me` may not see it."""
        # A stranger must not wait for what those do who read there, and tell from it that they do.
        if self._slug != BOARD_PLACE.slug and not (self._kept and me.user_id in self._kept.rooms):
            await lanes.run(scope, "reads", rooms.find, me, self._slug)
        look = partial(lanes.run, scope, "reads", self._read)
        return _for(me, await self._looks.ask(me, look))

    def read(self, me: User) -> Kept:
        """Return the page as it is now; raise NotFound if `me` may not see it."""
        return _for(me, self._read({me}))

    def _read(self, asking: set[User]) -> Kept:
        """Return the page as it is now; while nothing happens in the room, its rows are kept."""
        # Before the cursor: what is committed in between makes the page look old, not new.
        commits = db.commits()
        kept = self._kept
        room = rooms.id_of(self._slug)
        mark = messages.newest_of(room).mark
        if kept and mark == kept.mark:
            kept.looked_at(commits)
        else:
            kept = Kept(messages.newest(EVERYONE, room=room), mark, commits)
        kept.admit(self._slug, asking)
        self._kept = kept
        return kept


class ByRoom:
    """The newest page of each room that was read of late, in this process."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Newest] = OrderedDict()  # that asked for last at the end

    def __getitem__(self, slug: str) -> Newest:
        """Return a room's newest page; until it is kept, it is the caller's alone."""
        return self._rooms.get(slug) or Newest(slug)

    def keep(self, slug: str, newest: Newest) -> None:
        """Keep what somebody was found to see, in place of what nobody has asked for longest."""
        self._rooms.setdefault(slug, newest)
        self._rooms.move_to_end(slug)
        while len(self._rooms) > 1 and self._are_too_large():
            self._rooms.popitem(last=False)

    def clear(self) -> None:
        self._rooms.clear()

    def _are_too_large(self) -> bool:
        size = sum(newest.last.size for newest in [*self._rooms.values()] if newest.last)
        return len(self._rooms) > MOST_ROOMS or size > MOST_BYTES


def of(request: Request) -> Kept:
    """Return the newest page as `fetch` found it for this request."""
    return parts.of(request, Kept)


async def fetch(request: Request, me: User, slug: str) -> bool:
    """Find a room's newest page for this request; say whether it is the one that was there before.

    Raises NotFound if `me` may not see it.
    """
    by_room = parts.of(request, ByRoom)
    newest = by_room[slug]
    before = newest.last
    kept = newest.at_hand(me) or await newest.look(request.scope, me)
    by_room.keep(slug, newest)
    parts.put(request, kept)
    return kept is before


def _for(me: User, kept: Kept) -> Kept:
    if me.user_id not in kept.rooms:
        raise NotFound
    return kept
