"""How fast one user may go on: so much at once, and so much a second."""

import math
import time

from service.base.errors import TooManyRequests


class Pace:
    """A budget for each user of this process, which fills up again while they do nothing."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._limit(at_once, per_second)
        self._left: dict[int, tuple[float, float]] = {}  # and when it was so

    def _limit(self, at_once: int, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second

    def take(self, user_id: int) -> None:
        """Use up one of a user's budget; raise TooManyRequests if nothing is left."""
        now = time.monotonic()
        left, at = self._left.get(user_id, (self._at_once, now))
        left = min(self._at_once, left + (now - at) * self._per_second)
        if left < 1:
            wait = math.ceil((1 - left) / self._per_second)
            raise TooManyRequests(retry_after=wait)
        self._left[user_id] = left - 1, now


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
