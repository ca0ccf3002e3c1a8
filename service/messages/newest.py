"""The newest page, kept while nothing changes: most readers ask for that."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from service.access.visible import EVERYONE
from service.base import lanes, parts
from service.data import db
from service.messages import messages

TRUSTED_FOR = 1.0  # seconds; as long as a change by another process may go unseen on SQLite
MOST_KINDS = 200  # of what is made of one page, for readers of different zones and so on


class Kept:
    """A page, and what has been made of it for its readers."""

    def __init__(self, page: messages.Listing, commits: int | None) -> None:
        self.page = page
        self.commits = commits
        self.looked_at = time.monotonic()
        self._made: dict[Any, Any] = {}

    def made[T](self, kind: Any, make: Callable[[], T]) -> T:
        """Return what `make` returns for a kind of reader, made once."""
        found = self._made.get(kind)
        if found is None:
            if len(self._made) >= MOST_KINDS:
                self._made.clear()
            found = self._made[kind] = make()
        return found


class Newest:
    """The newest page of this process's database."""

    def __init__(self) -> None:
        self._kept: Kept | None = None
        self._looking = asyncio.Lock()
        self._next: asyncio.Task[Kept] | None = None

    @property
    def last(self) -> Kept | None:
        """Return the page that was read last, however old."""
        return self._kept

    def at_hand(self) -> Kept | None:
        """Return the page if it is known without a look that nothing has changed since.

        On SQLite, where one process serves, that is told by its own commits; on PostgreSQL never.
        """
        kept = self._kept
        if kept is None or kept.commits is None or kept.commits != db.commits():
            return None
        return kept if time.monotonic() - kept.looked_at < TRUSTED_FOR else None

    async def look(self, scope: Scope) -> Kept:
        """Return the page as it is now.

        Who comes while others look waits for the next look, which all share who wait for it: it
        begins after they came, so each sees what was committed before.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._look(scope))
        # One who leaves spoils it for nobody else.
        return await asyncio.shield(self._next)

    async def _look(self, scope: Scope) -> Kept:
        async with self._looking:
            self._next = None
            return await lanes.run(scope, "reads", self.read)

    def read(self) -> Kept:
        """Return the page as it is now; while the log's counter stands still, its rows are kept."""
        # Before the cursor: what is committed in between makes the page look old, not new.
        commits = db.commits()
        kept = self._kept
        if kept and messages.newest_cursor() == kept.page.cursor:
            kept.commits, kept.looked_at = commits, time.monotonic()
            return kept
        self._kept = kept = Kept(messages.newest(EVERYONE), commits)
        return kept


def of(request: Request) -> Kept:
    """Return the newest page: as `fetch` found it for this request, or read."""
    return parts.maybe(request, Kept) or parts.of(request, Newest).read()


async def fetch(request: Request) -> bool:
    """Find the newest page for this request; say whether it is the one that was there before."""
    newest = parts.of(request, Newest)
    before = newest.last
    kept = newest.at_hand() or await newest.look(request.scope)
    parts.put(request, kept)
    return kept is before
