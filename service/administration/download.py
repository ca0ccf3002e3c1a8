"""A backup that is made while it is sent: nothing of it is kept here, whatever becomes of it."""

import queue
import threading
from collections.abc import Generator
from contextlib import suppress

from service.access import audit
from service.access.audit import Actor
from service.base.errors import Conflict
from service.data import db
from service.keep import backup

BLOCK = 64 * 1024  # bytes handed over at once
WAITING = 4  # blocks, while whoever downloads takes none
PATIENCE = 60.0  # seconds that they may take none: the database is held as it was meanwhile
UNDER_WAY = "A backup is being downloaded already. Try again when that is done."


class Downloads:
    """Backups that are downloaded from this process, one at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def begin(self, by: Actor) -> Generator[bytes]:
        """Return what yields a new backup's bytes; raise Conflict while another is under way.

        Raises what keeps it from being begun.
        """
        if not self._turn.acquire(blocking=False):
            raise Conflict(UNDER_WAY)
        sent = self._sent(by)
        next(sent)
        return sent

    def _sent(self, by: Actor) -> Generator[bytes]:
        try:
            with db.write():
                audit.note(by, "backup.downloaded")
            yield b""  # from here on it is told of
            yield from _Pipe(by).blocks()
        finally:
            self._turn.release()


class _Broken(Exception):
    """Nobody takes the rest."""


class _Pipe:
    """What a thread of its own writes a backup to, and what it is read from while it is sent."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._block = bytearray()
        self._waiting: queue.Queue[bytes | Exception | None] = queue.Queue(WAITING)
        self._left = threading.Event()  # whoever reads

    def blocks(self) -> Generator[bytes]:
        """Yield the backup; raise what kept it from being whole."""
        threading.Thread(target=self._work, name="backup", daemon=True).start()
        try:
            while (block := self._waiting.get()) is not None:
                if isinstance(block, Exception):
                    raise block
                yield block
        finally:
            self._left.set()
            with suppress(queue.Empty):  # whoever waits to hand one over sees it then
                self._waiting.get_nowait()

    def write(self, data: bytes, /) -> int:
        self._block += data
        if len(self._block) >= BLOCK:
            self._hand_over()
        return len(data)

    def flush(self) -> None:
        """Do nothing: a block is handed over when it is full."""

    def _hand_over(self) -> None:
        try:
            self._waiting.put(bytes(self._block), timeout=PATIENCE)
        except queue.Full:
            raise _Broken from None
        if self._left.is_set():
            raise _Broken
        self._block.clear()

    def _work(self) -> None:
        try:
            backup.write_to(self)
            self._hand_over()
            self._waiting.put(None, timeout=PATIENCE)
        except Exception as failure:  # told to whoever reads, if they are still there
            with suppress(*db.UNAVAILABLE), db.write():
                audit.note(self._by, "backup.broken")
            if not self._left.is_set():
                with suppress(queue.Full):
                    self._waiting.put(failure, timeout=PATIENCE)
