"""Statements that may take a limited time."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import peewee
import psycopg2.extensions

from service.data import db, sqlite


class TookTooLong(Exception):
    """A statement was stopped at the end of its time."""


def rows(seconds: float, statement: str, values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that may take so long at most; raise TookTooLong."""
    try:
        if db.on_sqlite():
            with _interrupted_after(seconds):
                return db.database.execute_sql(statement, values).fetchall()
        limit = f"SET LOCAL statement_timeout = {round(seconds * 1000)}"
        return db.database.execute_sql(f"{limit}; {statement}", values).fetchall()
    except (peewee.OperationalError, sqlite.library.OperationalError) as failure:
        stopped = psycopg2.extensions.QueryCanceledError
        if "interrupted" in str(failure) or isinstance(failure.__context__, stopped):
            raise TookTooLong from None
        raise


@contextmanager
def _interrupted_after(seconds: float) -> Generator[None]:
    timer = threading.Timer(seconds, db.database.connection().interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # or it could stop what this connection does next
