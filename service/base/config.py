"""The settings: each is declared once, and the environment gives them all, or every fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from service.base import addresses, kept, passkeys, providers, values
from service.base.providers import Provider
from service.base.redis_url import EXAMPLE as EXAMPLE_REDIS
from service.base.redis_url import Redis, redis_url
from service.base.setting import ConfigError, Reader, Setting, declare
from service.base.smtp import EXAMPLE, Smtp, smtp_url
from service.base.values import Choice, Number


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the environment decides. Secrets stay out of its repr."""

    secret_keys: tuple[str, ...] = declare(
        "SECRET_KEY",
        kept.long_keys,
        (),
        f"signs the sessions; {kept.MIN_KEY_BYTES} bytes or more. Several keys, newest first and "
        "separated by commas, replace one another without signing anybody out. "
        "Boards of one host need a key each: their cookies are told apart by it",
        secret=True,
        kept=kept.keys,
    )
    data_dir: Path = declare(
        "DATA_DIR",
        Path,
        Path(kept.DEFAULT_DATA),
        "the folder of `board.sqlite3` and of the `secret-key` that `init` makes; "
        "they are taken if nothing else is named",
    )
    database_url: str = declare(
        "DATABASE_URL",
        addresses.database_url,
        kept.database_url({}),
        "or `postgresql://user:password@host/name`, with what PostgreSQL's programs take: "
        "`?sslmode=verify-full` encrypts the connection",
        secret=True,
        kept=kept.database_url,
    )
    database_pool: int = declare(
        "DATABASE_POOL",
        Number(5, 500),
        20,
        "connections per worker process, at most; "
        "from 8 on, reads, searches, writes and readiness have some each",
    )
    board_name: str = declare("BOARD_NAME", str, "Board", "the name on the pages")
    host: str = declare("HOST", values.host, "127.0.0.1", "address to listen on")
    port: int = declare("PORT", Number(1, addresses.HIGHEST_PORT), 8000, "port to listen on")
    metrics_port: int = declare(
        "METRICS_PORT",
        Number(0, addresses.HIGHEST_PORT),
        0,
        "port of `/metrics`, for Prometheus, on the same address; 0 measures nothing",
    )
    workers: int = declare(
        "WORKERS", Number(1, 64), 1, "worker processes; more than one need PostgreSQL"
    )
    public_url: str = declare(
        "PUBLIC_URL",
        addresses.public_url,
        "",
        "where browsers find the board, `https://intranet.example.org/board`: "
        "needed where that has a path, a proxy changes `Host`, or people sign in through providers",
    )
    password_sign_in: bool = declare(
        "PASSWORD_SIGN_IN",
        values.switch,
        True,
        "`no` leaves providers as the only way in; if they are away, set it to `yes` again",
    )
    smtp: Smtp | None = declare(
        "SMTP_URL",
        smtp_url,
        None,
        f"the server that takes the board's mail, `{EXAMPLE}`, or `smtps://`; "
        "nothing is mailed without it, or without `PUBLIC_URL`, which begins every link",
        secret=True,
    )
    redis: Redis | None = declare(
        "REDIS_URL",
        redis_url,
        None,
        f"a Redis or Valkey that all processes share, `{EXAMPLE_REDIS}`, "
        "or `rediss://` with TLS; few boards need one",
        secret=True,
    )
    trusted_proxies: tuple[str, ...] = declare(
        "TRUSTED_PROXIES",
        values.networks,
        (),
        "addresses or networks whose `X-Forwarded-*` headers are believed",
    )
    streams_total: int = declare(
        "STREAMS_TOTAL", Number(1, 100_000), 2000, "open pages per worker process, at most"
    )
    streams_per_user: int = declare(
        "STREAMS_PER_USER", Number(1, 1000), 20, "open pages per user and worker process, at most"
    )
    changes_per_minute: int = declare(
        "CHANGES_PER_MINUTE",
        Number(1, 1_000_000),
        300,
        "posts, edits and deletions per user and worker process, or with `REDIS_URL` per user, "
        "at most; a fifth of them at once",
    )
    log_format: str = declare(
        "LOG_FORMAT",
        Choice(("human", "json", "ecs")),
        "human",
        "how log lines are written; `ecs` by the [Elastic Common Schema](#watch-it)",
    )
    log_level: str = declare(
        "LOG_LEVEL",
        Choice(("DEBUG", "INFO", "WARNING", "ERROR")),
        "INFO",
        "what is logged: this, and all that is worse",
    )
    providers: tuple[Provider, ...] = ()  # OIDC_<NAME>_…
    development: bool = False

    @cached_property
    def public_origin(self) -> str:
        """Where browsers find the board, without a path: https://board.example.org."""
        return "/".join(self.public_url.split("/")[:3])

    @cached_property
    def base(self) -> str:
        """The path that begins every address of the board, as /board; mostly there is none."""
        return self.public_url.removeprefix(self.public_origin)

    @cached_property
    def passkey_home(self) -> passkeys.Home:
        """Where passkeys work, or why they don't."""
        return passkeys.home(self.public_url)

    @property
    def mails(self) -> bool:
        """Whether there is a server for mail, and an address of the board for its links."""
        return self.smtp is not None and bool(self.public_url)

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


# Every setting by its attribute of Settings.
DECLARED: dict[str, Setting[Any]] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if each.metadata
}
SETTINGS = tuple(DECLARED.values())


def read_settings(environ: Mapping[str, str], *, development: bool = False) -> Settings:
    """Return the settings `environ` describes; raise ConfigError with all its faults at once."""
    reader = Reader(environ)
    found = {attribute: reader.read(setting) for attribute, setting in DECLARED.items()}
    found["providers"] = providers.read(reader)
    settings = Settings(**found, development=development)
    known = not any(fault.startswith("DATABASE_URL") for fault in reader.faults)
    if known and settings.on_sqlite and settings.workers > 1:
        reader.faults.append(
            "SQLite serves one worker process: set WORKERS=1, "
            "or set DATABASE_URL to a PostgreSQL database."
        )
    if settings.metrics_port == settings.port:
        reader.faults.append("METRICS_PORT is PORT: metrics need a port of their own.")
    if not any(fault.startswith("PUBLIC_URL") for fault in reader.faults):
        reader.faults += _faults_of_sign_in(settings)
    if reader.faults:
        raise ConfigError(reader.faults)
    return settings


def _faults_of_sign_in(settings: Settings) -> Iterator[str]:
    if settings.providers and not settings.public_url:
        yield "PUBLIC_URL is not set: providers must be told where they send people back to."
    if not settings.providers and not settings.password_sign_in:
        yield "PASSWORD_SIGN_IN is no, and no provider is named: nobody could sign in."


def read_board_name(environ: Mapping[str, str]) -> str:
    """Return the board's name, whatever else the environment says."""
    return Reader(environ).read(DECLARED["board_name"])


def read_public_url(environ: Mapping[str, str]) -> str:
    """Return the board's address alone, for commands that need no secret key."""
    (url,) = _alone(environ, "public_url")
    return url


def read_mails(environ: Mapping[str, str]) -> bool:
    """Say whether the board sends mail, for commands that need no secret key."""
    smtp, url = _alone(environ, "smtp", "public_url")
    return Settings(smtp=smtp, public_url=url).mails


def read_password_sign_in(environ: Mapping[str, str]) -> bool:
    """Say whether people sign in with passwords, for commands that need no secret key."""
    (switched_on,) = _alone(environ, "password_sign_in")
    return switched_on


def read_log_format(environ: Mapping[str, str]) -> str:
    """Return how log lines are written, whatever else the environment says."""
    return Reader(environ).read(DECLARED["log_format"])


def read_address(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return the host and port to listen on alone, for commands that need no secret key."""
    host, port = _alone(environ, "host", "port")
    return host, port


def read_database_url(environ: Mapping[str, str]) -> str:
    """Return the database's URL alone, for commands that need no secret key."""
    (url,) = _alone(environ, "database_url")
    return url


def _alone(environ: Mapping[str, str], *attributes: str) -> list[Any]:
    reader = Reader(environ)
    found = [reader.read(DECLARED[attribute]) for attribute in attributes]
    if reader.faults:
        raise ConfigError(reader.faults)
    return found
