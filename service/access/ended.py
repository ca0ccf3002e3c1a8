"""Sessions that are over, as each process knows them: no token needs a read to be refused."""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from service.access import api_tokens, tokens
from service.access.identity import Identity
from service.base import clock
from service.data import db, events
from service.data.tables import Session

# How far back ended sessions are read: a token's life, and what late commits and clocks may add.
WINDOW = tokens.LIFETIME + dt.timedelta(minutes=10)
TRUSTED_FOR = 4.0  # seconds; an ended session must be noticed within 5


@dataclass(frozen=True)
class Ended:
    """The sessions known to be over.

    A session's id begins with the epoch it was started in: when a restore changes the epoch, the
    sessions of before are over, and nothing but their ids tells of them.
    """

    ids: frozenset[str] = frozenset()
    epoch: str = ""
    restored: bool = False  # while this process watched
    tokens: frozenset[int] = frozenset()  # of the followed ones

    def __contains__(self, session_id: object) -> bool:
        return session_id in self.ids or (self.restored and self.is_foreign(str(session_id)))

    def is_foreign(self, session_id: str) -> bool:
        """Say whether a session can't be judged by its absence here."""
        return not session_id.startswith(self.epoch)


class EndedSessions:
    """The sessions over of late, so that a fresh token of theirs is refused without a read.

    The whole window is read each time: a cursor over `ended_at` would miss late commits.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = Ended()
        self._read_at = float("-inf")  # when the read began: what is committed later is not in it
        self._added: dict[str, float] = {}
        self._followed: Counter[int] = Counter()

    def refresh(self) -> Ended:
        """Read the window again and return it."""
        started, now = time.monotonic(), clock.now()
        with self._lock:
            followed = set(self._followed)
        with db.read():
            epoch = events.newest().epoch
            rows = Session.select(Session.id).where(
                (Session.ended_at > now - WINDOW) | Session.expires_at.between(now - WINDOW, now)
            )
            ids = frozenset(row.id for row in rows)
            tokens = api_tokens.over(followed)
        with self._lock:
            if started > self._read_at:
                before = self._ended
                restored = before.restored or before.epoch not in {"", epoch}
                # What ended while this was read may be missing from it.
                self._added = {each: at for each, at in self._added.items() if at > started}
                ids |= self._added.keys()
                self._ended, self._read_at = Ended(ids, epoch, restored, tokens), started
            return self._ended

    @contextmanager
    def following(self, me: Identity) -> Generator[None]:
        """Let each read tell whether a token works, as long as the block lasts."""
        if me.token_id is None:
            yield
            return
        with self._lock:
            self._followed[me.token_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._followed -= Counter([me.token_id])

    def catch_up(self) -> None:
        """Read the window unless that was done of late, perhaps while this call had to wait."""
        if not self.are_up_to_date():
            self.refresh()

    def known(self) -> Ended:
        """Return what was read last, another object after each read."""
        return self._ended

    def are_up_to_date(self) -> bool:
        """Say whether the last read is so young that a session's absence from it counts."""
        return time.monotonic() - self._read_at < TRUSTED_FOR

    def add(self, session_id: str) -> None:
        with self._lock:
            self._added[session_id] = time.monotonic()
            self._ended = replace(self._ended, ids=self._ended.ids | {session_id})

    def holds(self, session_id: str) -> bool | None:
        """Say whether the session was ended; None if what was read lately does not tell."""
        ended = self._ended
        if session_id in ended.ids:
            return True
        absence_counts = self.are_up_to_date() and not ended.is_foreign(session_id)
        return False if absence_counts else None


sessions = EndedSessions()


def look_again(me: Identity) -> Identity | None:
    """Return an identity as it is by what was read last, or None if its session or token is over.

    It reads nothing itself: the hub asks it for each open stream.
    """
    known = sessions.known()
    return None if me.session_id in known or me.token_id in known.tokens else me
