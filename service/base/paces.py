"""How fast one user may go on: so much at once, and so much a second."""

import math
import time
from collections.abc import Hashable

from service.base.errors import TooManyRequests
from service.base.shared import Shared

MOST = 10_000  # budgets that are looked through for those that are whole again
SECOND = 1_000_000  # microseconds, in which all is counted: whole numbers add up exactly


class Pace:
    """A budget for each user, which fills up again while they do nothing.

    It is kept as when it will be whole again: by the Redis that the processes share, else by this
    one for itself.
    """

    def __init__(self, at_once: int, per_second: float, shared: Shared | None = None) -> None:
        self._limit(at_once, per_second)
        self._shared = shared or Shared()
        self._due: dict[Hashable, int] = {}

    def _limit(self, at_once: int, per_second: float) -> None:
        self._each = round(SECOND / per_second)
        self._whole = at_once * self._each

    async def take(self, who: Hashable) -> None:
        """Use up one of a user's budget; raise TooManyRequests if nothing is left."""
        wait = None
        if self._shared.is_up:
            name = f"{type(self).__name__} {who}"
            wait = await self._shared.take(name, self._each, self._whole)
        if wait is None:
            wait = self._take(who)
        if wait > 0:
            raise TooManyRequests(
                limit=type(self).__name__.lower(), retry_after=math.ceil(wait / SECOND)
            )

    def _take(self, who: Hashable) -> int:
        now = round(time.monotonic() * SECOND)
        due = max(now, self._due.get(who, 0)) + self._each
        wait = due - now - self._whole
        if wait <= 0:
            if len(self._due) >= MOST:
                self._forget(now)
            self._due[who] = due
        return wait

    def _forget(self, now: int) -> None:
        """Let go of budgets that are whole again; of all, if a crowd keeps too many from it."""
        spent = {who: due for who, due in self._due.items() if due > now}
        self._due = spent if len(spent) < MOST else {}


class Changes(Pace):
    """How fast a user may post, edit and delete: a fifth of a minute's at once."""

    def __init__(self, per_minute: int, shared: Shared | None = None) -> None:
        super().__init__(*self._of(per_minute), shared)

    def allow(self, per_minute: int) -> None:
        """Let it be as fast from now on."""
        self._limit(*self._of(per_minute))

    @staticmethod
    def _of(per_minute: int) -> tuple[int, float]:
        return max(1, per_minute // 5), per_minute / 60


class Replays(Pace):
    """How fast a user may connect: each page six times at once, then every four seconds."""

    def __init__(self, streams: int, shared: Shared | None = None) -> None:
        super().__init__(*self._of(streams), shared)

    def allow(self, streams: int) -> None:
        """Let it be as fast from now on."""
        self._limit(*self._of(streams))

    @staticmethod
    def _of(streams: int) -> tuple[int, float]:
        return 6 * streams, streams / 4


class Mails(Pace):
    """How many mails an address gets, whoever asks for them: five at once, then six an hour."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(5, 6 / 3600, shared)


class Strangers(Pace):
    """How often somebody unknown may ask for mail, or an account: five at once, then one a minute.

    It is each network's, a household's or an office's.
    """

    def __init__(self, shared: Shared) -> None:
        super().__init__(5, 1 / 60, shared)
