"""SQLite's writers take turns, in order of arrival, and share what a commit costs.

SQLite's own way to wait is no queue: who comes last may be first. And each commit waits for the
disk. Here, whoever comes while another thread writes goes on in that one's transaction, in a
savepoint, so that it can fail alone; then one commit answers for all of them.
"""

import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import peewee
from playhouse.pool import PooledSqliteDatabase

from service.base import metrics

PATIENCE = 10.0  # seconds a thread waits for its turn
MOST = 64  # writes in one transaction
LONGEST = 0.05  # seconds after which a transaction takes no more writes


class _Batch:
    """What several threads write in one transaction."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.writes = 0
        self.failure: BaseException | None = None
        self._full_at = time.monotonic() + LONGEST
        self._over = threading.Event()

    @property
    def takes_more(self) -> bool:
        """Say whether another write can join: not one that SQLite would have to begin anew for."""
        alive = self.connection.in_transaction and not self.failure
        return alive and 0 < self.writes < MOST and time.monotonic() < self._full_at

    def end(self) -> None:
        self._over.set()

    def wait(self) -> None:
        """Return once all of it is committed; raise what kept it from that."""
        self._over.wait()
        if isinstance(self.failure, Exception):
            raise type(self.failure)(*self.failure.args) from self.failure
        if self.failure:
            raise peewee.OperationalError("the commit was interrupted") from self.failure


class TurnsSqliteDatabase(PooledSqliteDatabase):
    """A pool of connections, one of which writes at a time."""

    _state: Any  # of each thread

    def __init__(self, *args: Any, **options: Any) -> None:
        self.commits = 0  # of this process
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._batch: _Batch | None = None  # of whoever has the turn
        super().__init__(*args, **options)
        metrics.connections_limit.set(1, "writes")
        metrics.connections_in_use.set(0, "writes")

    @contextmanager
    def write(self) -> Generator[None]:
        """Hold the turn and a transaction; return once that is committed, others' writes with it.

        Raises peewee.OperationalError if the turn does not come in time.
        """
        started = time.monotonic()
        try:
            self._take_turn()
        finally:
            metrics.connection_wait.observe(time.monotonic() - started, "writes")
        try:
            with self._joined() as batch:
                yield
        finally:
            self._go_on()
        batch.wait()

    def _take_turn(self) -> None:
        mine = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                metrics.connections_in_use.set(1, "writes")
                return
            self._waiting.append(mine)
        try:
            in_time = mine.wait(PATIENCE)
        except BaseException:
            if not self._withdraw(mine):
                self._go_on()
            raise
        if not in_time and self._withdraw(mine):
            raise peewee.OperationalError(f"waited {PATIENCE:.0f} s for a turn to write")

    def _withdraw(self, mine: threading.Event) -> bool:
        """Wait no longer; say whether the turn has not come in the last moment."""
        with self._guard:
            if mine.is_set():
                return False
            self._waiting.remove(mine)
            return True

    def _pass_turn(self, *, or_free_it: bool = True) -> bool:
        """Give the turn to whoever waits longest; say whether somebody did."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
                return True
            self._taken = not or_free_it
            metrics.connections_in_use.set(self._taken, "writes")
            return False

    @contextmanager
    def _joined(self) -> Generator[_Batch]:
        """Let this thread use the transaction that is open, or a new one."""
        batch = self._batch = self._batch or self._begin()
        with self._lent(batch), self._undone_if_it_fails(batch):
            yield batch
        batch.writes += 1

    def _begin(self) -> _Batch:
        with self._lent(None):
            self.connect()
            try:
                self.begin()
            except BaseException:
                self.close()
                raise
            return _Batch(self._state.conn)

    @contextmanager
    def _lent(self, batch: _Batch | None) -> Generator[None]:
        """Let this thread use the connection of a transaction, or none, in place of its own."""
        before = dict(vars(self._state))
        self._state.reset()
        if batch:
            self._state.set_connection(batch.connection)
            self._state.ctx.append(self)  # so that a read in between does not close it
            self._state.transactions.append(self)  # so that a write in between is a savepoint
        try:
            yield
        finally:
            vars(self._state).update(before)

    @contextmanager
    def _undone_if_it_fails(self, batch: _Batch) -> Generator[None]:
        if not batch.writes:  # then all there is to undo is the transaction itself
            yield
            return
        self.execute_sql("SAVEPOINT turn")
        try:
            yield
            self.execute_sql("RELEASE turn")
        except BaseException as failure:
            try:
                self.execute_sql("ROLLBACK TO turn")
                self.execute_sql("RELEASE turn")
            except peewee.DatabaseError:  # SQLite has undone all of it: the disk is full, perhaps
                batch.failure = failure
            raise

    def _go_on(self) -> None:
        """Leave the transaction to the next one who waits, or commit it."""
        batch = self._batch
        if batch and batch.takes_more and self._pass_turn(or_free_it=False):
            return
        self._batch = None
        try:
            if batch:
                self._finish(batch)
        finally:
            self._pass_turn()

    def _finish(self, batch: _Batch) -> None:
        try:
            if batch.writes and not batch.failure:
                with self._lent(batch):
                    self.commit()
                self.commits += 1  # before anybody is told of theirs
        except Exception as failure:  # told to all whose writes it held
            batch.failure = failure
        except BaseException as failure:
            batch.failure = failure
            raise
        finally:
            self._close(batch.connection)  # the pool rolls back what is still open
            batch.end()
