"""What every command shares: its errors in one line each, and a database ready to use."""

import os
import secrets
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click

from service.base import config, files, logs
from service.base.errors import BoardError
from service.base.setting import ConfigError
from service.data import db, migrations, numbering, outages, sqlite

DATABASE_WAIT = 30  # seconds that a database may take to come up
SECRET_BYTES = 48
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


def note(what: str, **about: object) -> None:
    """Write a security line of what a command changed to standard error, but to no terminal.

    There a person reads what the command says; a journal or a file keeps who did what, and when.
    """
    if not sys.stderr.isatty():
        log_format = config.read_log_format(os.environ)
        details = {**about, "uid": os.getuid()}
        click.echo(logs.line(log_format, "service.security", what, **details), err=True)


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
