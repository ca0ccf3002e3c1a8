"""What this program is: its release, the commit it was built from, and the versions inside."""

import platform
import re
import ssl
from importlib import metadata

import psycopg2.extensions

from service import __version__
from service.base import assets
from service.data import sqlite

NAME = "htmx-fastapi-service"
COMMIT = "commit"  # a file beside the templates of a built program


def versions() -> str:
    """Return lines for people: the release, its commit, and what it is made of."""
    lines = [f"{NAME} {__version__}"]
    if found := commit():
        lines.append(f"commit {found}")
    inside = {
        "Python": platform.python_version(),
        "SQLite": sqlite.library.sqlite_version,
        "libpq": _libpq(psycopg2.extensions.libpq_version()),
        "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
        **{name: metadata.version(name) for name in _dependencies()},
    }
    lines += [f"{name} {version}" for name, version in inside.items()]
    return "\n".join(lines)


def commit() -> str:
    """Return the commit that a built program was made from; a checkout has none."""
    file = assets.folder("templates").parent / COMMIT
    return file.read_text().strip() if file.is_file() else ""


def _dependencies() -> list[str]:
    """Return the names of the libraries it is declared to need, as far as they are here."""
    declared = (line for line in metadata.requires(NAME) or () if "extra ==" not in line)
    names = (re.split(r"[^\w-]", line)[0] for line in declared)
    present = {found.name.lower().replace("_", "-") for found in metadata.distributions()}
    return sorted({name for name in names if name in present})


def _libpq(number: int) -> str:
    return f"{number // 10_000}.{number % 10_000}"
