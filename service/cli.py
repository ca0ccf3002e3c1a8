"""The command line: serve, dev, migrate, user."""

import fcntl
import multiprocessing
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
import peewee
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from starlette.types import ASGIApp

from service import __version__, accounts, config, db, demo, logs, migrations
from service.config import Settings
from service.errors import BoardError

DATABASE_WAIT = 30  # seconds that a database may take to come up
STOP_TIMEOUT = 2  # seconds for requests under way when the server is told to stop
DEV_KEY = Path("var/dev-secret-key")
DEV_DATABASE = "sqlite:///var/dev.sqlite3"  # never the team's: it holds a user everybody knows
HTTP_BUFFER = 8192 + 4096  # bytes per connection; a page's headers and cookies fit
NOT_STREAMS = 1024  # requests that may be under way beside all the streams


def plain_errors[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Turn expected failures into one line each and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except config.ConfigError as failure:
            for fault in failure.faults:
                click.echo(f"Error: {fault}", err=True)
            sys.exit(1)
        except (BoardError, migrations.SchemaTooNew) as failure:
            raise click.ClickException(str(failure)) from None
        except UnicodeError:
            raise click.ClickException("That is not text in UTF-8.") from None
        except OSError as failure:
            if failure.filename is None:
                raise
            raise click.ClickException(f"{failure.strerror}: {failure.filename}") from None
        except (*db.UNAVAILABLE, peewee.DatabaseError) as failure:
            reason = str(failure).strip().partition("\n")[0]
            raise click.ClickException(f"The database can't be reached: {reason}") from None

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="board")
def main() -> None:
    """A self-hosted live message board.

    Settings come from the environment; see the README for the list.
    """
    os.umask(0o077)  # the database, its copies and locks are their owner's alone


@main.command()
@click.option("--host", help="Address to listen on.  [HOST, default 127.0.0.1]")
@click.option("--port", help="Port to listen on.  [PORT, default 8000]")
@plain_errors
def serve(host: str | None, port: str | None) -> None:
    """Migrate the database and serve the board.

    Needs SECRET_KEY (or SECRET_KEY_FILE). Add the first user with `board user add NAME`.
    """
    given = {"HOST": host, "PORT": port}
    settings = config.read_settings({**os.environ, **{k: v for k, v in given.items() if v}})
    logs.configure(settings.log_format, settings.log_level)
    with _one_server(settings):
        _prepare(settings.database_url)
        _run(settings, None)


@main.command()
@click.option("--host", help="Address to listen on.  [HOST, default 127.0.0.1]")
@click.option("--port", help="Port to listen on.  [PORT, default 8000]")
@plain_errors
def dev(host: str | None, port: str | None) -> None:
    """Serve a board to develop with: demo user, demo messages, hot reload, no settings."""
    given = {"HOST": host, "PORT": port}
    defaults = {"LOG_LEVEL": "WARNING", "DATABASE_URL": DEV_DATABASE}
    if os.environ.get("DATABASE_URL_FILE"):
        del defaults["DATABASE_URL"]
    environ = {**defaults, **os.environ, **{k: v for k, v in given.items() if v}}
    if not (environ.get("SECRET_KEY") or environ.get("SECRET_KEY_FILE")):
        environ["SECRET_KEY"] = _dev_key()
    settings = config.read_settings(environ, development=True)
    logs.configure(settings.log_format, settings.log_level)
    # A spawned worker imports everything anew; a forked one would keep this process's modules.
    multiprocessing.set_start_method("spawn")
    with _one_server(settings):
        _prepare(settings.database_url)
        login = (demo.USERNAME, demo.PASSWORD) if demo.seed() else None
        how = f"sign in as {login[0]} with {login[1]}" if login else "it has users of its own"
        click.echo(f"The board is at http://{settings.host}:{settings.port} - {how}")
        _run(settings, login)


@main.command()
@plain_errors
def migrate() -> None:
    """Bring the database's schema up to date; any number may run at once."""
    applied = _prepare(config.read_database_url(os.environ))
    for name in applied:
        click.echo(f"Applied {name}.")
    if not applied:
        click.echo("The schema is up to date.")


@main.group()
def user() -> None:
    """Add and look after the people who may sign in."""


def _user_command(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    @plain_errors
    def run(**kwargs: Any) -> None:
        _prepare(config.read_database_url(os.environ))
        command(**kwargs)

    return run


@user.command("add")
@click.argument("username")
@_user_command
def add_user(username: str) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    account = accounts.add(username, _read_password())
    click.echo(f"Added {account.username}.")


@user.command("list")
@_user_command
def list_users() -> None:
    """List all users, a line each."""
    for account in accounts.everyone():
        click.echo(f"{account.username}\tdisabled" if account.disabled else account.username)


@user.command("password")
@click.argument("username")
@_user_command
def set_password(username: str) -> None:
    """Set a user's password, asked for or read from standard input, and end their sessions."""
    account = _find(username)
    accounts.reset_password(account.id, _read_password())
    click.echo(f"The password of {account.username} is set; their sessions are ended.")


@user.command("disable")
@click.argument("username")
@_user_command
def disable_user(username: str) -> None:
    """Keep a user from signing in and end their sessions."""
    account = _find(username)
    accounts.disable(account.id)
    click.echo(f"Disabled {account.username}.")


@user.command("enable")
@click.argument("username")
@_user_command
def enable_user(username: str) -> None:
    """Let a disabled user sign in again."""
    account = _find(username)
    accounts.enable(account.id)
    click.echo(f"Enabled {account.username}.")


def _find(username: str) -> accounts.Account:
    account = accounts.find(username)
    if account is None:
        raise click.ClickException(f"There is no user named {username}.")
    return account


def _read_password() -> str:
    """Return a password that was typed twice, or the first line of standard input."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\r\n")


def _dev_key() -> str:
    """Return a key kept in var/, so that a reload signs nobody out."""
    if not DEV_KEY.exists():
        DEV_KEY.parent.mkdir(exist_ok=True)
        with open(DEV_KEY, "x", opener=partial(os.open, mode=0o600)) as file:
            file.write(secrets.token_urlsafe(48))
    return DEV_KEY.read_text()


def _prepare(database_url: str) -> list[str]:
    """Wait for the database and migrate it; return the names of the applied steps."""
    new = database_url.startswith("sqlite") and not db.sqlite_file(database_url).exists()
    db.open_database(database_url)
    try:
        _wait_for_database()
        if new:  # perhaps the command was given in another folder than usual
            click.echo(f"Making a new board in {db.sqlite_file(database_url)}.", err=True)
        return migrations.upgrade(db.database.obj)
    finally:
        db.close_database()


def _wait_for_database() -> None:
    deadline = time.monotonic() + DATABASE_WAIT
    told = False
    while True:
        try:
            return db.ping()
        except db.UNAVAILABLE:
            if db.on_sqlite() or time.monotonic() > deadline:
                raise
        if not told:
            click.echo(f"Waiting up to {DATABASE_WAIT} s for the database.", err=True)
            told = True
        time.sleep(1)


@contextmanager
def _one_server(settings: Settings) -> Generator[None]:
    """Hold the port and, with SQLite, the file: a second server is refused in one sentence."""
    _check_port(settings.host, settings.port)
    if not settings.on_sqlite:
        yield
        return
    file = db.sqlite_file(settings.database_url)
    file.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{file}.server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"Another server has {file.name} open already; SQLite serves one at a time."
            ) from None
        yield


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as failure:
        raise click.ClickException(
            f"Can't listen on {host}:{port}: {failure.strerror}. "
            "Choose another with --host or --port."
        ) from None


def _run(settings: Settings, demo_login: tuple[str, str] | None) -> None:
    Granian(
        "service.cli:load_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=HTTP_BUFFER),
        workers=settings.workers,
        websockets=False,
        # Counts open responses: every stream is one for as long as its page is open.
        backpressure=settings.streams_total + NOT_STREAMS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT,
        log_level=LogLevels(settings.log_level.lower()),
        log_dictconfig=logs.config(settings.log_format, settings.log_level),
        reload=settings.development,
        reload_ignore_worker_failure=True,  # a mistake under way: the next change mends it
        reload_paths=[Path(__file__).parent],
    ).serve(target_loader=partial(load_app, settings, demo_login), wrap_loader=False)


def load_app(settings: Settings, demo_login: tuple[str, str] | None) -> ASGIApp:
    """Return the application, imported in the worker."""
    from service.app import create_app  # the supervisor needs none of it

    return create_app(settings, demo_login)
