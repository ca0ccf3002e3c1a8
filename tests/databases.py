"""Databases of both kinds, as new for each test."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from service.data import sqlite
from tests import postgresql

BOTH = ("sqlite", "postgresql")


@contextmanager
def fresh_copy(source: str, postgres: str, folder: Path) -> Generator[str]:
    """Yield the URL of a copy of a migrated database."""
    if source.startswith("sqlite"):
        sqlite.copy(sqlite.file_of(source), folder / "board.sqlite3")
        yield f"sqlite:///{folder}/board.sqlite3"
        return
    with postgresql.fresh_database(source, postgres) as url:
        yield url
