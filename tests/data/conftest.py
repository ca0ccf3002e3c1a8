"""Databases before their steps, and a folder of steps to change."""

import shutil
from collections.abc import Generator
from pathlib import Path

import peewee
import pytest

from service.data import db, migrations


@pytest.fixture
def empty(empty_url: str) -> Generator[peewee.Database]:
    db.open_database(empty_url)
    yield db.database.obj
    db.close_database()


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the steps there are, where a test can add one."""
    folder = tmp_path / "steps"
    folder.mkdir()
    for step in migrations.STEPS.glob("[0-9]*.py"):
        shutil.copy(step, folder)
    monkeypatch.setattr(migrations, "STEPS", folder)
    return folder
