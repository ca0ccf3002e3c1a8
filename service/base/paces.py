"""How fast one user may go on: so much at once, and so much a second."""

import math
import time
from collections.abc import Hashable

from service.base.errors import TooManyRequests

MOST = 10_000  # budgets that are looked through for those that are whole again


class Pace:
    """A budget for each user of this process, which fills up again while they do nothing."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._limit(at_once, per_second)
        self._left: dict[Hashable, tuple[float, float]] = {}  # and when it was so

    def _limit(self, at_once: int, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second

    def take(self, who: Hashable) -> None:
        """Use up one of a user's budget; raise TooManyRequests if nothing is left."""
        now = time.monotonic()
        left = self._budget(who, now)
        if left < 1:
            wait = math.ceil((1 - left) / self._per_second)
            raise TooManyRequests(retry_after=wait)
        if len(self._left) >= MOST:
            self._forget(now)
        self._left[who] = left - 1, now

    def _budget(self, who: Hashable, now: float) -> float:
        left, at = self._left.get(who, (self._at_once, now))
        return min(self._at_once, left + (now - at) * self._per_second)

    def _forget(self, now: float) -> None:
        """Let go of budgets that are whole again; of all, if a crowd keeps too many from it."""
        spent = {
            who: self._left[who] for who in self._left if self._budget(who, now) < self._at_once
        }
        self._left = spent if len(spent) < MOST else {}


class Changes(Pace):
    """How fast a user may post, edit and delete: a fifth of a minute's at once."""

    def __init__(self, per_minute: int) -> None:
        super().__init__(*self._of(per_minute))

    def allow(self, per_minute: int) -> None:
        """Let it be as fast from now on."""
        self._limit(*self._of(per_minute))

    @staticmethod
    def _of(per_minute: int) -> tuple[int, float]:
        return max(1, per_minute // 5), per_minute / 60


class Replays(Pace):
    """How fast a user may connect: each page six times at once, then every four seconds."""

    def __init__(self, streams: int) -> None:
        super().__init__(*self._of(streams))

    def allow(self, streams: int) -> None:
        """Let it be as fast from now on."""
        self._limit(*self._of(streams))

    @staticmethod
    def _of(streams: int) -> tuple[int, float]:
        return 6 * streams, streams / 4


class Mails(Pace):
    """How many mails an address gets, whoever asks for them: five at once, then six an hour."""

    def __init__(self) -> None:
        super().__init__(5, 6 / 3600)


class Strangers(Pace):
    """How often somebody unknown may ask for mail, or an account: five at once, then one a minute.

    It is each network's, a household's or an office's.
    """

    def __init__(self) -> None:
        super().__init__(5, 1 / 60)
