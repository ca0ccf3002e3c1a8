"""Databases of both kinds, made for a test and dropped after it."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from service import db

BOTH = ("sqlite", "postgresql")


def at_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@contextmanager
def fresh_copy(source: str, postgres: str, folder: Path) -> Generator[str]:
    """Yield the URL of a copy of a migrated database."""
    if source.startswith("sqlite"):
        db.copy_sqlite(db.sqlite_file(source), folder / "board.sqlite3")
        yield f"sqlite:///{folder}/board.sqlite3"
        return
    name = f"board_{secrets.token_hex(6)}"
    execute(postgres, f"CREATE DATABASE {name} TEMPLATE {urlsplit(source).path[1:]}")
    yield at_database(postgres, name)
    execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")
