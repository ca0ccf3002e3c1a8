"""URLs in settings: of the two kinds of databases, and the board's own."""

import re
from pathlib import Path
from urllib.parse import quote

from service.base.values import Unusable

HIGHEST_PORT = 65_535
SQLITE_URL = re.compile(r"sqlite:///(?!:memory:)[^?#]+")
# The driver would take a password with a bare / or @ in it for a host and a name.
POSTGRES_URL = re.compile(
    r"postgresql://(?:[^@/?#\s]*@)?(?P<hosts>[^@/?#\s]*)/[^@/?#\s]+(?:\?[^#\s]*)?"
)
POSTGRES_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:,]*)(?::(?P<port>\d{1,5}))?", re.ASCII)
PUBLIC_URL = re.compile(
    r"(?P<origin>https?://(?:\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?::(?P<port>\d{1,5}))?)"
    r"(?P<path>(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*)/?",  # browsers take . and .. away
    re.ASCII | re.IGNORECASE,
)
OWN_PATHS = (
    "/.well-known",
    "/favicon.ico",
    "/manifest.webmanifest",
    "/robots.txt",
    "/api",
    "/msgs",
    "/rooms",
    "/search",
    "/account",
    "/confirm",
    "/setup",
    "/join",
    "/admin",
    "/forgotten",
    "/register",
    "/email",
    "/reset",
    "/second",
    "/bots",
    "/oidc",
    "/identity",
    "/static",
    "/direct",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
)


def public_url(text: str) -> str:
    """Return the board's address without a / at its end, its scheme and host in small letters."""
    found = PUBLIC_URL.fullmatch(text)
    if found is None or not _is_port(found["port"]):
        raise Unusable(
            "must be the board's address for browsers, such as "
            f"https://intranet.example.org/board, not {text!r}."
        )
    if found["path"].startswith(OWN_PATHS):
        raise Unusable("has a path that begins like one of the board's own.")
    return found["origin"].lower() + found["path"]


def sqlite_in(folder: Path, name: str) -> str:
    """Return the URL of a SQLite file in a folder."""
    return f"sqlite:///{quote(str(folder))}/{name}.sqlite3"


def database_url(text: str) -> str:
    """Return a database's URL; what is wrong with one repeats nothing of it, for its password."""
    if text.startswith("sqlite:///"):
        return _sqlite_url(text)
    if text.startswith(("postgresql://", "postgres://")):
        return _postgres_url(re.sub("^postgres://", "postgresql://", text))
    raise Unusable("must start with sqlite:/// or postgresql://.")


def _sqlite_url(text: str) -> str:
    if not SQLITE_URL.fullmatch(text):
        raise Unusable(
            "names no file: write sqlite:////srv/board/board.sqlite3; "
            "in a name, #, ? and % are written %23, %3F and %25."
        )
    return text


def _postgres_url(text: str) -> str:
    try:
        postgres_parameters(text)
    except ValueError as fault:
        raise Unusable(
            f"{fault}: write postgresql://user:password@host:5432/board; "
            "in a password, #, /, ?, @ and % are written %23, %2F, %3F, %40 and %25."
        ) from None
    return text


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
