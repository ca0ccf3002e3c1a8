"""How the board is: its release, its database, what the doctor finds at a glance."""

import os
from dataclasses import asdict, dataclass
from typing import Any

from service import __version__
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.doctor import doctor
from service.doctor.doctor import Line
from service.keep import last
from service.keep.last import Backup


@dataclass(frozen=True)
class State:
    version: str
    database: str  # its kind
    size: int  # bytes
    open_pages: int  # of this process
    backup: Backup | None
    lines: tuple[Line, ...]  # the doctor's

    @property
    def findings(self) -> list[Line]:
        return [line for line in self.lines if line.state == "!!"]


def look(settings: Settings, open_pages: int) -> State:
    """Return how the board is. Takes a moment: never call it on the event loop."""
    with db.read():
        size, backup = db.size(), last.backup()
    kind = "SQLite" if db.on_sqlite() else "PostgreSQL"
    lines = tuple(doctor.glance(os.environ, settings))
    return State(__version__, kind, size, open_pages, backup, lines)


def as_json(state: State) -> dict[str, Any]:
    """Return it as programs get it."""
    backup = state.backup and {"at": clock.utc(state.backup.at), "by": state.backup.by}
    return {**asdict(state), "backup": backup}
