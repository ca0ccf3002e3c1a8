"""The doctor: makes every check in turn, and says in lines what each of them found."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import unquote

from service.base import config
from service.base.config import Settings
from service.base.setting import ConfigError
from service.data import db, outages
from service.doctor import (
    admins,
    clocks,
    database,
    index,
    machine,
    mail,
    names,
    numbers,
    passkeys,
    providers,
    proxy,
    rooms,
    rows,
    secrets,
    shared,
)

Look = Generator[str, None, str]


@dataclass(frozen=True)
class Line:
    """What a check says: that all is well, one finding, or nothing as it could not be made."""

    check: str
    state: Literal["ok", "!!", "left out"]
    text: str = ""


@dataclass(frozen=True)
class Check:
    """A check, and the checks that must have found nothing before it can be made."""

    name: str
    look: Callable[[], Look]
    needs: tuple[str, ...] = ()


def examine(environ: Mapping[str, str], url: str | None = None) -> Iterator[Line]:
    """Make every check, through the public address too if one is given; change nothing."""
    settings, faults = _settings(environ)
    try:
        yield from _made(_checks(environ, settings, faults, url), settings)
    finally:
        if db.database.obj is not None:
            db.close_database()


def glance(environ: Mapping[str, str], settings: Settings) -> Iterator[Line]:
    """Make the checks that take a moment, as a server that has the database open; change nothing.

    None of them reads all rows, connects to another server, or signs in.
    """
    return _made(_quick_checks(environ, settings), settings)


def _made(checks: Iterable[Check], settings: Settings) -> Iterator[Line]:
    unfit: set[str] = set()
    for check in checks:
        if unfit.intersection(check.needs):
            lines: Iterator[Line] = iter([Line(check.name, "left out")])
        else:
            lines = _lines(check, settings)
        for line in lines:
            if line.state != "ok":
                unfit.add(check.name)
            yield line


def _settings(environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """Return the settings and what is wrong with them; then only the database's are to be used."""
    try:
        return config.read_settings(environ), []
    except ConfigError as failure:
        faults = failure.faults
    try:
        return Settings(database_url=config.read_database_url(environ)), faults
    except ConfigError:
        return Settings(database_url=""), faults


def _checks(
    environ: Mapping[str, str], settings: Settings, faults: list[str], url: str | None
) -> Iterator[Check]:
    yield Check("settings", partial(_faults, faults))
    yield Check("secrets", partial(secrets.check, environ, settings), ("settings",))
    needs = () if settings.database_url else ("settings",)
    yield Check("database", partial(database.reachable, settings), needs)
    yield Check("storage", partial(database.storage, settings), ("database",))
    if settings.on_sqlite:
        yield Check("folder", partial(machine.folder, settings), needs)
    else:
        yield Check("pool", partial(database.connections, settings), ("settings", "database"))
    yield Check("schema", database.schema, ("database",))
    yield Check("rows", rows.check, ("schema",))
    yield Check("search", index.check, ("schema",))
    yield Check("events", numbers.check, ("schema",))
    yield Check("rooms", rooms.check, ("schema",))
    yield Check("names", names.check, ("schema",))
    yield Check("admins", admins.check, ("schema",))
    yield Check("passkeys", partial(passkeys.check, settings), ("settings", "schema"))
    yield Check("clock", clocks.stored, ("schema",))
    yield Check("zones", clocks.zones)
    if settings.providers:
        yield Check("providers", partial(providers.check, settings), ("settings",))
    yield Check("port", partial(machine.port, settings), ("settings",))
    if settings.metrics_port:
        yield Check("metrics", partial(machine.metrics, settings), ("settings",))
    if settings.smtp is not None:
        yield Check("mail", partial(mail.check, settings, settings.smtp), ("settings",))
    if settings.redis is not None:
        yield Check("redis", partial(shared.check, settings, settings.redis), ("settings",))
    if url is not None:
        yield Check("proxy", partial(proxy.check, settings, url), ("settings", "schema"))


def _quick_checks(environ: Mapping[str, str], settings: Settings) -> Iterator[Check]:
    yield Check("secrets", partial(secrets.check, environ, settings))
    yield Check("schema", database.schema)
    yield Check("storage", partial(database.place, settings))
    if settings.on_sqlite:
        yield Check("folder", partial(machine.folder, settings))
    yield Check("names", names.check, ("schema",))
    yield Check("clock", clocks.stored, ("schema",))
    yield Check("zones", clocks.zones)


def _faults(faults: list[str]) -> Look:
    yield from faults
    return "all can be used"


def _lines(check: Check, settings: Settings) -> Iterator[Line]:
    """Make one check; a failure of what it looks at is one more finding."""
    look, sound = check.look(), True
    while True:
        try:
            finding = next(look)
        except StopIteration as end:
            if sound:
                yield Line(check.name, "ok", _one_line(end.value))
            return
        except db.FAILURES as failure:
            yield Line(check.name, "!!", _failed(failure, settings.database_url))
            return
        except OSError as failure:
            yield Line(check.name, "!!", _refused(failure))
            return
        sound = False
        yield Line(check.name, "!!", _one_line(finding))


def _failed(failure: Exception, database_url: str) -> str:
    reason = _one_line(outages.reason(failure))
    for secret in _parts_of_password(database_url):
        reason = reason.replace(secret, "***")
    advice = "look at DATABASE_URL, at the server and its log, or at the file's owner."
    if "malformed" in reason:
        advice = "stop the board, keep a copy of the file, restore the newest backup."
    return f"The database can't be used ({reason}): {advice}"


def _parts_of_password(url: str) -> set[str]:
    """Return what of a URL a failure must not repeat, also where the URL is misunderstood."""
    login = url.partition("://")[2].rpartition("@")[0]
    written = login.partition(":")[2]
    parts = {written, *re.split("[/?#@]", written), *re.findall(r"password=([^&\s]+)", url)}
    return {part for each in parts for part in (each, unquote(each)) if part}


def _refused(failure: OSError) -> str:
    what = f"{failure.filename}: {failure.strerror}" if failure.filename else str(failure)
    return _one_line(f"{what}: run doctor as the user who runs the board, where it runs.")


def _one_line(text: str) -> str:
    # Some of it came over the network: it must not command the terminal.
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
