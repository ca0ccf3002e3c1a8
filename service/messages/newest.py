"""The newest page of a room, kept while nothing changes: most readers ask for that."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from service.access import visible
from service.access.visible import EVERYONE, User
from service.base import lanes, parts
from service.base.errors import NotFound
from service.base.together import Shared
from service.data import db
from service.data.tables import BOARD
from service.messages import messages

TRUSTED_FOR = 1.0  # seconds; as long as a change by another process may go unseen on SQLite
MOST_KINDS = 200  # of what is made of one page, for readers of different zones and so on


class Kept:
    """A page, who may see it, and what has been made of it for its readers."""

    def __init__(self, listing: messages.Listing, commits: int | None) -> None:
        self.listing = listing
        self.readers: set[int] = set()  # the users who were found to see the room
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

    def admit(self, room: int, asking: Iterable[User]) -> None:
        """Learn which of those who ask may see the room; that changes with the page alone."""
        if new := {me.user_id for me in asking} - self.readers:
            with db.read():
                self.readers |= visible.readers(room, new)

    def made[T](self, kind: Any, make: Callable[[], T]) -> T:
        """Return what `make` returns for a kind of reader, made once."""
        found = self._made.get(kind)
        if found is None:
            if len(self._made) >= MOST_KINDS:
                self._made.clear()
            found = self._made[kind] = make()
        return found


class Newest:
    """The newest page of a room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: Kept | None = None
        self._looks: Shared[User, Kept] = Shared()

    @property
    def last(self) -> Kept | None:
        """Return the page that was read last, however old."""
        return self._kept

    def at_hand(self, me: User) -> Kept | None:
        """Return the page if it is known without a look that it is current, and `me` may see it."""
        kept = self._kept
        return kept if kept and me.user_id in kept.readers and kept.is_current() else None

    async def look(self, scope: Scope, me: User) -> Kept:
        """Return the page as it is now; raise NotFound if `me` may not see it."""
        look = partial(lanes.run, scope, "reads", self._read)
        return _for(me, await self._looks.ask(me, look))

    def read(self, me: User) -> Kept:
        """Return the page as it is now; raise NotFound if `me` may not see it."""
        return _for(me, self._read({me}))

    def _read(self, asking: set[User]) -> Kept:
        """Return the page as it is now; while the log's counter stands still, its rows are kept."""
        # Before the cursor: what is committed in between makes the page look old, not new.
        commits = db.commits()
        kept = self._kept
        if kept and messages.newest_cursor() == kept.listing.cursor:
            kept.looked_at(commits)
        else:
            kept = Kept(messages.newest(EVERYONE, room=self._room), commits)
        kept.admit(self._room, asking)
        self._kept = kept
        return kept


class ByRoom(dict[int, Newest]):
    """The newest page of each room, in this process."""

    def __missing__(self, room: int) -> Newest:
        self[room] = newest = Newest(room)
        return newest


def of(request: Request, me: User, room: int = BOARD) -> Kept:
    """Return the newest page: as `fetch` found it for this request, or read; raise NotFound."""
    return parts.maybe(request, Kept) or parts.of(request, ByRoom)[room].read(me)


async def fetch(request: Request, me: User, room: int = BOARD) -> bool:
    """Find the newest page for this request; say whether it is the one that was there before.

    Raises NotFound if `me` may not see it.
    """
    newest = parts.of(request, ByRoom)[room]
    before = newest.last
    kept = newest.at_hand(me) or await newest.look(request.scope, me)
    parts.put(request, kept)
    return kept is before


def _for(me: User, kept: Kept) -> Kept:
    if me.user_id not in kept.readers:
        raise NotFound
    return kept
