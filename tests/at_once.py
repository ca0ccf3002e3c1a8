"""Many things done at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from service.data import db

DEADLINE = 30


def at_once[T](work: Sequence[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, each in a thread of its own; return the results."""
    barrier = threading.Barrier(len(work))

    def begin(one: Callable[[], T]) -> T:
        barrier.wait(DEADLINE)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(DEADLINE) for future in [pool.submit(begin, one) for one in work]]


def is_waited_for() -> bool:
    """Say whether somebody waits for a lock in this database, a PostgreSQL's; in a transaction."""
    query = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    db.database.execute_sql("SELECT pg_stat_clear_snapshot()")  # or it stays as first seen
    return bool(db.database.execute_sql(query).fetchone()[0])
