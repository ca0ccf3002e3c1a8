"""serve, dev, migrate: the server and what it stands on."""

import fcntl
import json
import logging
import multiprocessing
import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import click

from service import __version__
from service.access import admins
from service.base import config, logs, probe
from service.base.addresses import sqlite_in
from service.base.config import DECLARED, Settings
from service.base.kept import data_dir
from service.base.program import PROGRAM
from service.commands import console, running
from service.commands.console import plain_errors
from service.data import db, sqlite
from service.joining import setup_code

FIRST_BY_PROVIDER = (
    "the first admin is whoever a provider's claim makes one, or whom "
    f"`{PROGRAM} user add NAME` and then `{PROGRAM} user identity NAME` let in"
)

logger = logging.getLogger(__name__)


def _setting(attribute: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return an option that goes before a setting of the environment."""
    setting = DECLARED[attribute]
    told = f"{setting.help.capitalize()}.  [{setting.name}, default {setting.default}]"
    return click.option(f"--{attribute}", help=told)


@click.command()
@_setting("host")
@_setting("port")
@plain_errors
def serve(host: str | None, port: str | None) -> None:
    """Migrate the database and serve the board.

    Needs a secret key, which `init` makes once. The log says how to make the first admin.
    """
    given = {"HOST": host, "PORT": port}
    settings = config.read_settings({**os.environ, **{k: v for k, v in given.items() if v}})
    logs.configure(settings.log_format, settings.log_level)
    with _one_server(settings):
        console.prepare(settings.database_url)
        logger.info(
            "release %s, %s, its data in %s, at %s",
            *(
                __version__,
                settings.board_name,
                db.place(),
                settings.public_url or probe.origin(settings.host, settings.port),
            ),
        )
        tell_setup(settings)
        running.run(settings, None)


def tell_setup(settings: Settings) -> None:
    """Say in the log what an admin has to do first, if there is none."""
    place = setup_code.place(settings)
    if place and not settings.password_sign_in:
        logger.warning("nobody has an account here yet: %s", FIRST_BY_PROVIDER)
    elif place:
        logger.warning(
            "nobody has an account here yet: make the first admin at %s with the code %s",
            place,
            _code(settings),
        )
    elif _has_no_admin():  # as a board of an older release
        logger.warning(
            "no admin can sign in: `%s user role NAME admin` makes somebody one", PROGRAM
        )
    db.close_database()  # a worker inherits no connection


def _code(settings: Settings) -> str:
    if settings.log_format == "ecs":  # such a log is read elsewhere, by people of another kind
        return f"that `{PROGRAM} setup-code` prints"
    return setup_code.code(settings.secret_keys[0])


def _has_no_admin() -> bool:
    with db.read():
        return admins.are_missing()


@click.command()
@_setting("host")
@_setting("port")
@plain_errors
def dev(host: str | None, port: str | None) -> None:
    """Serve a board to develop with: demo user, demo messages, hot reload, no settings."""
    from service import demo

    given = {"HOST": host, "PORT": port}
    data = data_dir(os.environ)
    # Never the team's database: it holds a user everybody knows.
    defaults = {"LOG_LEVEL": "WARNING", "DATABASE_URL": sqlite_in(data, "dev")}
    if os.environ.get("DATABASE_URL_FILE"):
        del defaults["DATABASE_URL"]
    environ = {**defaults, **os.environ, **{k: v for k, v in given.items() if v}}
    if not (environ.get("SECRET_KEY") or environ.get("SECRET_KEY_FILE")):
        environ["SECRET_KEY"] = _dev_key(data / "dev-secret-key")
    settings = config.read_settings(environ, development=True)
    logs.configure(settings.log_format, settings.log_level)
    # A spawned worker imports everything anew; a forked one would keep this process's modules.
    multiprocessing.set_start_method("spawn")
    with _one_server(settings):
        console.prepare(settings.database_url)
        login = (demo.USERNAME, demo.SECOND, demo.PASSWORD) if demo.seed() else None
        how = "sign in as {0} with {2}" if login else "it has users of its own"
        click.echo(
            f"The board is at http://{settings.host}:{settings.port} - {how.format(*login or ())}"
        )
        running.run(settings, login)


@click.command("setup-code")
@plain_errors
def show_setup_code() -> None:
    """Print the code with which the first admin of an empty board is made in the browser."""
    settings = config.read_settings(os.environ)
    console.prepare(settings.database_url)
    place = setup_code.place(settings)
    if place is None:
        raise click.ClickException("This board has users: an admin among them invites others.")
    if not settings.password_sign_in:
        raise click.ClickException(f"PASSWORD_SIGN_IN is no: {FIRST_BY_PROVIDER}.")
    click.echo(f"Make the first admin at {place} with this code:", err=True)
    click.echo(setup_code.code(settings.secret_keys[0]))


@click.command()
@plain_errors
def health() -> None:
    """Say whether the server of these settings is ready; the exit code is 1 if it is not."""
    host, port = config.read_address(os.environ)
    try:
        answer = probe.ask(probe.origin(host, port), "/readyz")
    except probe.NoAnswer:
        raise click.ClickException(f"No board answers at {host}:{port}.") from None
    if answer.status != HTTPStatus.OK:
        raise click.ClickException(f"The board is not ready: {_reason(answer.body)}.")
    click.echo("The board is ready.")


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["reason"])
    except (ValueError, KeyError, TypeError):
        return "something else answers there"


@click.command()
@plain_errors
def migrate() -> None:
    """Bring the database's schema up to date; any number may run at once."""
    applied = console.prepare(config.read_database_url(os.environ))
    for name in applied:
        console.say(f"Applied {name}.")
    if not applied:
        console.say("The schema is up to date.")


def _dev_key(kept: Path) -> str:
    """Return a key that is kept, so that a reload signs nobody out."""
    if not kept.exists():
        console.make_secret(kept)
    return kept.read_text()


@contextmanager
def _one_server(settings: Settings) -> Generator[None]:
    """Hold the port and, with SQLite, the file: a second server is refused in one sentence."""
    _check_port(settings.host, settings.port, "--host or --port")
    if settings.metrics_port:
        _check_port(settings.host, settings.metrics_port, "METRICS_PORT")
    if not settings.on_sqlite:
        yield
        return
    file = sqlite.file_of(settings.database_url)
    file.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{file}.server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"Another server has {file.name} open already; SQLite serves one at a time."
            ) from None
        yield


def _check_port(host: str, port: int, chosen_with: str) -> None:
    try:
        family, kind, protocol, _, address = running.resolved(host, port)
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as failure:
        raise click.ClickException(
            f"Can't listen on {host}:{port}: {failure.strerror}. Choose another with {chosen_with}."
        ) from None
