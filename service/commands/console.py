"""What every command shares: its errors in one line each, and a database ready to use."""

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from service.base import config, files, logs, stderr
from service.base.errors import BoardError
from service.base.setting import ConfigError
from service.data import db, first_room, migrations, numbering, outages, sqlite

DATABASE_WAIT = 30  # seconds that a database may take to come up
SECRET_BYTES = 48
security = logging.getLogger("service.security")
WRONG_SETTINGS = os.EX_CONFIG  # trying again won't help: the unit tells systemd not to


def plain_errors[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Turn expected failures into one line each and exit code 1, wrong settings into 78."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ConfigError as failure:
            for fault in failure.faults:
                click.echo(f"Error: {fault}", err=True)
            sys.exit(WRONG_SETTINGS)
        except (BoardError, migrations.SchemaTooNew) as failure:
            raise click.ClickException(str(failure)) from None
        except UnicodeError:
            raise click.ClickException("That is not text in UTF-8.") from None
        except BrokenPipeError:
            raise  # whoever reads has had enough
        except OSError as failure:
            where = "" if failure.filename is None else f": {failure.filename}"
            raise click.ClickException(f"{failure.strerror or failure}{where}") from None
        except db.FAILURES as failure:
            raise click.ClickException(
                f"The database can't be used: {outages.reason(failure)}"
            ) from None

    return run


def say(text: str) -> None:
    """Say what was done: to standard output, or in the log where all of it is objects."""
    click.echo(text, err=stderr.are_objects())


@contextmanager
def told() -> Generator[None]:
    """Write the security lines of what a command changes to standard error, but to no terminal.

    There a person reads what the command says; a journal or a file keeps who did what, and when.
    """
    if sys.stderr.isatty():
        yield
        return
    handler = logs.handler(config.read_log_format(os.environ))
    handler.addFilter(_with_uid)
    before, security.propagate = security.level, False
    security.setLevel(logging.INFO)
    security.addHandler(handler)
    try:
        yield
    finally:
        security.removeHandler(handler)
        security.setLevel(before)
        security.propagate = True


def _with_uid(record: logging.LogRecord) -> bool:
    record.uid = os.getuid()
    return True


def board_command(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command work on the migrated database, with what it changes told."""

    @wraps(command)
    @plain_errors
    def run(**given: Any) -> None:
        prepare(config.read_database_url(os.environ))
        with told():
            command(**given)

    return run


def board_name() -> str:
    """Return the board's name, as it is decided or set; the database is open, of any release."""
    from service.access import options
    from service.data.tables import Option

    with db.read():
        decided = options.read().board_name if Option.table_exists() else None
    return decided or config.read_board_name(os.environ)


def make_secret(kept: Path) -> None:
    """Write a new secret key into a file that only its owner can read; raise Conflict."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with files.new_file(kept) as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES).encode())


def prepare(database_url: str) -> list[str]:
    """Wait for the database and migrate it; return the names of the applied steps."""
    new = database_url.startswith("sqlite") and not sqlite.file_of(database_url).exists()
    db.open_database(database_url)
    try:
        _wait_for_database()
        if new:  # perhaps the command was given in another folder than usual
            click.echo(f"Making a new board in {sqlite.file_of(database_url)}.", err=True)
        applied = migrations.upgrade(db.database.obj)
        _catch_up()
        return applied
    finally:
        db.close_database()


def _catch_up() -> None:
    """Make what older releases left out, and the steps leave to code that is not frozen."""
    from service.search import search  # most commands need none of it

    with db.write():
        numbering.catch_up()
        first_room.catch_up()
    search.catch_up()


def _wait_for_database() -> None:
    deadline = time.monotonic() + DATABASE_WAIT
    told = False
    while True:
        try:
            return db.ping()
        except db.UNAVAILABLE as failure:
            if db.on_sqlite() or outages.is_hopeless(failure) or time.monotonic() > deadline:
                raise
        if not told:
            click.echo(f"Waiting up to {DATABASE_WAIT} s for the database.", err=True)
            told = True
        time.sleep(1)
