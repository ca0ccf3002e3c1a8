"""Fixtures of restores: a backup of a board with everything, and one with little."""

from pathlib import Path

import pytest

from service.keep import backup
from service.messages import writing
from tests.keeping import at, story
from tests.people import add_person


@pytest.fixture
def file(other_url: str, tmp_path: Path) -> Path:
    """Return a backup of the story, as either database gives it."""
    with at(other_url):
        story()
        backup.write(tmp_path / "saved.zip")
    return tmp_path / "saved.zip"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Return a backup as small as they get with a message in it; ask for it before a server."""
    with at(f"sqlite:///{tmp_path}/small.sqlite3"):
        writing.post(add_person("alice").id, "Hello")
        backup.write(tmp_path / "small.zip")
    return tmp_path / "small.zip"
