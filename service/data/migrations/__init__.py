"""Numbered steps and their locked runner.

A step stays compatible with the release before it: add first, remove a release later. A step that
removes something raises `schema_floor.step` to the oldest step a program must know to go on
working; programs older than that refuse to start.
"""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from peewee import Database
from playhouse.migrations import Migration, Runner

from service.base.setting import ConfigError
from service.data import db, sqlite

STEPS = Path(__file__).parent
HISTORY = "schema_migration"
LOCK_KEY = 7_206_251  # any number that no other program on the same PostgreSQL takes
LOCK_PAUSE = 0.2  # seconds between two tries for PostgreSQL's lock


class SchemaTooNew(Exception):
    """The database was migrated by a release that this one cannot work with."""


def upgrade(database: Database) -> list[str]:
    """Apply what is pending, one process at a time; return the names of the applied steps.

    A SQLite file that holds a board already is copied aside first. Raises SchemaTooNew, and
    ConfigError where a new board would not be stored in UTF-8.
    """
    with database.connection_context(), _alone(database):
        runner = Runner(database, str(STEPS), table_name=HISTORY)
        pending = _pending(runner)
        if not runner.applied():
            _refuse_encoding(db.encoding())
        _refuse_if_left_behind(database, runner)
        if pending and runner.applied() and db.on_sqlite():
            file = Path(database.database)
            aside = file.with_name(f"{file.name}.before-{pending[0]}")
            sqlite.copy(file, aside)
            sqlite.new_epoch(aside)
        return runner.up()


def check(database: Database) -> bool:
    """Say whether the schema is at least as new as this program; raise SchemaTooNew."""
    with database.connection_context():
        runner = Runner(database, str(STEPS), table_name=HISTORY)
        _refuse_if_left_behind(database, runner)
        return not _pending(runner)


def _pending(runner: Runner) -> list[str]:
    return [step.name for step in runner.status() if step.path and not step.applied]


def _refuse_encoding(encoding: str) -> None:
    """Refuse a new board where text would be stored as whatever bytes come."""
    if encoding != "UTF8":
        raise ConfigError(
            [
                f"This database is encoded in {encoding}; the board needs one made with "
                "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
            ]
        )


def _refuse_if_left_behind(database: Database, runner: Runner) -> None:
    if not runner.applied():
        return
    newest = max(step.idx for step in Migration.load_directory(str(STEPS)))
    (floor,) = database.execute_sql("SELECT step FROM schema_floor").fetchone()
    if floor > newest:
        raise SchemaTooNew(
            f"This database needs a newer release: it dropped what step {newest} relies on "
            f"(it wants step {floor} or later). Install the newest release and start that."
        )


@contextmanager
def _alone(database: Database) -> Generator[None]:
    """Hold the right to migrate until the block ends."""
    if db.on_sqlite():
        with Path(f"{database.database}.migration.lock").open("w") as side_file:
            fcntl.flock(side_file, fcntl.LOCK_EX)
            yield
        return
    # Tried in turns, not waited for: a waiting statement would run into statement_timeout.
    while not database.execute_sql("SELECT pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()[0]:
        time.sleep(LOCK_PAUSE)
    database.execute_sql("SET statement_timeout = 0")  # a step takes as long as it must
    try:
        yield
    finally:
        database.execute_sql("RESET statement_timeout")
        database.execute_sql("SELECT pg_advisory_unlock(%s)", (LOCK_KEY,))
