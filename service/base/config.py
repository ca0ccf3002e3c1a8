"""Settings: the environment becomes one frozen object, or one error that names every fault."""

import ipaddress
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

HIGHEST_PORT = 65_535
MIN_KEY_BYTES = 32  # HS256 wants a key at least as long as its hash (RFC 7518, section 3.2)
PROGRAM = "htmx-fastapi-service" if getattr(sys, "frozen", False) else "board"
DEFAULT_DATA = "var"
# The driver would take a password with a bare / or @ in it for a host and a name.
POSTGRES_URL = re.compile(
    r"postgresql://(?:[^@/?#\s]*@)?(?P<hosts>[^@/?#\s]*)/[^@/?#\s]+(?:\?[^#\s]*)?"
)
PUBLIC_URL = re.compile(
    r"(?:(?P<origin>https?://(?:\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?::(?P<port>\d{1,5}))?)"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*)/?)?",  # browsers take . and .. away
    re.ASCII | re.IGNORECASE,
)
OWN_PATHS = (
    "/api",
    "/msgs",
    "/account",
    "/static",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
)
SQLITE_URL = re.compile(r"sqlite:///(?!:memory:)[^?#]+")
POSTGRES_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:,]*)(?::(?P<port>\d{1,5}))?", re.ASCII)
HOW_TO_MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


class ConfigError(Exception):
    """The environment does not describe a board that could run; holds one line per fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. Secrets stay out of its repr."""

    secret_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(default=f"sqlite:///{DEFAULT_DATA}/board.sqlite3", repr=False)
    database_pool: int = 20
    data_dir: Path = Path(DEFAULT_DATA)
    board_name: str = "Board"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    trusted_proxies: tuple[str, ...] = ()
    public_url: str = ""
    streams_total: int = 2000
    streams_per_user: int = 20
    changes_per_minute: int = 300
    log_format: str = "human"
    log_level: str = "INFO"
    development: bool = False

    @cached_property
    def public_origin(self) -> str:
        """Where browsers find the board, without a path: https://board.example.org."""
        return "/".join(self.public_url.split("/")[:3])

    @cached_property
    def base(self) -> str:
        """The path that begins every address of the board, as /board; mostly there is none."""
        return self.public_url.removeprefix(self.public_origin)

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


class _Reader:
    """Reads one variable after another and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def secret(self, name: str, default: str = "", kept: Path | None = None) -> str:
        """The value of `name`, or the content of the file that `name`_FILE names, or of `kept`."""
        path = self.text(f"{name}_FILE")
        if not path and not self.text(name) and kept and kept.exists():
            path = str(kept)
        if not path:
            return self.text(name, default)
        if self.text(name):
            self.faults.append(f"{name} and {name}_FILE are both set; keep one of them.")
        try:
            content = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            given = f"{name}_FILE names" if self.text(f"{name}_FILE") else f"{name} is kept in"
            self.faults.append(f"{given} {path}, which cannot be read: {reason}.")
            return default
        if not content and self.text(f"{name}_FILE"):
            self.faults.append(f"{name}_FILE names {path}, which is empty.")
            return default
        return content

    def host(self, name: str, default: str) -> str:
        """The value of `name`; an IPv6 address may stand in brackets, as it does in URLs."""
        value = self.text(name, default)
        return value[1:-1] if value.startswith("[") and value.endswith("]") else value

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and lowest <= int(value) <= highest:
            return int(value)
        self.faults.append(
            f"{name} must be a whole number from {lowest} to {highest}, not {value!r}."
        )
        return default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        for known in choices:
            if value.lower() == known.lower():
                return known
        self.faults.append(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return default

    def public_url(self, name: str) -> str:
        """The value of `name` without a / at its end, its scheme and host in small letters."""
        found = PUBLIC_URL.fullmatch(self.text(name))
        if found is None or not _is_port(found["port"]):
            self.faults.append(
                f"{name} must be the board's address for browsers, such as "
                f"https://intranet.example.org/board, not {self.text(name)!r}."
            )
            return ""
        if (found["path"] or "").startswith(OWN_PATHS):
            self.faults.append(f"{name} has a path that begins like one of the board's own.")
        return found["origin"].lower() + (found["path"] or "") if found["origin"] else ""

    def networks(self, name: str) -> tuple[str, ...]:
        values = tuple(self.text(name).replace(",", " ").split())
        for value in values:
            try:
                ipaddress.ip_network(value)
            except ValueError:
                self.faults.append(
                    f"{name} holds {value!r}, which is no IP address or network such as 10.0.0.0/8."
                )
        return values

    def keys(self) -> tuple[str, ...]:
        kept = kept_key(self.environ)
        keys = tuple(self.secret("SECRET_KEY", kept=kept).replace(",", " ").split())
        if not keys and kept.exists() and not self.text("SECRET_KEY"):
            if not self.faults:
                self.faults.append(
                    f"SECRET_KEY is not set, and {kept.absolute()} is empty: "
                    f"delete it, then `{PROGRAM} init` makes another."
                )
        elif not keys:
            if not self.faults:
                self.faults.append(
                    f"SECRET_KEY is not set. `{PROGRAM} init` makes one and keeps it in "
                    f"{kept.absolute()}; then add the first user with `{PROGRAM} user add NAME`."
                )
        elif any(len(key.encode()) < MIN_KEY_BYTES for key in keys):
            self.faults.append(
                f"SECRET_KEY holds a key shorter than {MIN_KEY_BYTES} bytes. "
                f"Make one with `{HOW_TO_MAKE_A_KEY}`, "
                f"and add the first user with `{PROGRAM} user add NAME`."
            )
        return keys

    def database(self) -> str:
        url = self.secret("DATABASE_URL", sqlite_in(data_dir(self.environ), "board"))
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            # The URL may hold a password: name the scheme at most.
            self.faults.append("DATABASE_URL must start with sqlite:/// or postgresql://.")
            return url
        url = re.sub("^postgres://", "postgresql://", url)
        fault = _sqlite_fault(url) if url.startswith("sqlite") else _postgres_fault(url)
        if fault:
            self.faults.append(f"DATABASE_URL {fault}")
        return url


def data_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder of what the board keeps: its SQLite file and the secret `init` made."""
    return Path(environ.get("DATA_DIR", "").strip() or DEFAULT_DATA)


def kept_key(environ: Mapping[str, str]) -> Path:
    """Return the file that holds the secret key if the environment names none."""
    return data_dir(environ) / "secret-key"


def sqlite_in(folder: Path, name: str) -> str:
    """Return the URL of a SQLite file in a folder."""
    return f"sqlite:///{quote(str(folder))}/{name}.sqlite3"


def _sqlite_fault(url: str) -> str:
    if SQLITE_URL.fullmatch(url):
        return ""
    return (
        "names no file: write sqlite:////srv/board/board.sqlite3; "
        "in a name, #, ? and % are written %23, %3F and %25."
    )


def _postgres_fault(url: str) -> str:
    try:
        postgres_parameters(url)
    except ValueError as fault:
        return (
            f"{fault}: write postgresql://user:password@host:5432/board; "
            "in a password, #, /, ?, @ and % are written %23, %2F, %3F, %40 and %25."
        )
    return ""


def postgres_parameters(url: str) -> dict[str, str]:
    """Return what a PostgreSQL URL says, as its driver understands it and decoded.

    Raises ValueError, which repeats nothing that could be of a password.
    """
    from psycopg2 import ProgrammingError  # noqa: PLC0415, SQLite needs none of it
    from psycopg2.extensions import parse_dsn  # noqa: PLC0415

    shape = POSTGRES_URL.fullmatch(url)
    hosts = shape["hosts"].split(",") if shape else ["["]
    if not all(_is_host(host) for host in hosts):
        raise ValueError("is no address of a PostgreSQL database")
    try:
        return parse_dsn(url)
    except ProgrammingError as failure:
        unknown = re.search(r'query parameter: "(\w+)"', str(failure))
        what = f"names {unknown[1]}, which PostgreSQL does not know" if unknown else "can't be read"
        raise ValueError(what) from None


def _is_host(text: str) -> bool:
    found = POSTGRES_HOST.fullmatch(text)
    return found is not None and _is_port(found["port"])


def _is_port(digits: str | None) -> bool:
    return digits is None or 1 <= int(digits) <= HIGHEST_PORT


# Each setting, for the README's table and the test that compares the two.
Read = Callable[[_Reader], Any]
READERS: dict[str, tuple[str, Read]] = {
    "SECRET_KEY": ("secret_keys", lambda r: r.keys()),
    "DATA_DIR": ("data_dir", lambda r: data_dir(r.environ)),
    "DATABASE_URL": ("database_url", lambda r: r.database()),
    "DATABASE_POOL": ("database_pool", lambda r: r.number("DATABASE_POOL", 20, 5, 500)),
    "BOARD_NAME": ("board_name", lambda r: r.text("BOARD_NAME", "Board")),
    "HOST": ("host", lambda r: r.host("HOST", "127.0.0.1")),
    "PORT": ("port", lambda r: r.number("PORT", 8000, 1, HIGHEST_PORT)),
    "WORKERS": ("workers", lambda r: r.number("WORKERS", 1, 1, 64)),
    "PUBLIC_URL": ("public_url", lambda r: r.public_url("PUBLIC_URL")),
    "TRUSTED_PROXIES": ("trusted_proxies", lambda r: r.networks("TRUSTED_PROXIES")),
    "STREAMS_TOTAL": ("streams_total", lambda r: r.number("STREAMS_TOTAL", 2000, 1, 100_000)),
    "STREAMS_PER_USER": ("streams_per_user", lambda r: r.number("STREAMS_PER_USER", 20, 1, 1000)),
    "CHANGES_PER_MINUTE": (
        "changes_per_minute",
        lambda r: r.number("CHANGES_PER_MINUTE", 300, 1, 1_000_000),
    ),
    "LOG_FORMAT": ("log_format", lambda r: r.choice("LOG_FORMAT", "human", ("human", "json"))),
    "LOG_LEVEL": (
        "log_level",
        lambda r: r.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    ),
}


def read_board_name(environ: Mapping[str, str]) -> str:
    """Return the board's name, whatever else the environment says."""
    return READERS["BOARD_NAME"][1](_Reader(environ))


def read_log_format(environ: Mapping[str, str]) -> str:
    """Return how log lines are written, whatever else the environment says."""
    return READERS["LOG_FORMAT"][1](_Reader(environ))


def read_settings(environ: Mapping[str, str], *, development: bool = False) -> Settings:
    """Return the settings `environ` describes; raise ConfigError with all its faults at once."""
    reader = _Reader(environ)
    values = {attribute: read(reader) for attribute, read in READERS.values()}
    settings = Settings(**values, development=development)
    if settings.on_sqlite and settings.workers > 1:
        reader.faults.append(
            "SQLite serves one worker process: set WORKERS=1, "
            "or set DATABASE_URL to a PostgreSQL database."
        )
    if reader.faults:
        raise ConfigError(reader.faults)
    return settings


def read_address(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return the host and port to listen on alone, for commands that need no secret key."""
    reader = _Reader(environ)
    host, port = (READERS[name][1](reader) for name in ("HOST", "PORT"))
    if reader.faults:
        raise ConfigError(reader.faults)
    return host, port


def read_database_url(environ: Mapping[str, str]) -> str:
    """Return the database's URL alone, for commands that need no secret key."""
    reader = _Reader(environ)
    url = reader.database()
    if reader.faults:
        raise ConfigError(reader.faults)
    return url
