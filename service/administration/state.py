"""How the board is: its release, its database, what the doctor finds at a glance."""

import datetime as dt
import os
from dataclasses import asdict, dataclass
from typing import Any

from service import __version__
from service.base import clock
from service.base.config import Settings
from service.data import db
from service.data.tables import AuditEntry
from service.doctor import doctor
from service.doctor.doctor import Line

SQLITE_SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
POSTGRESQL_SIZE = "SELECT pg_database_size(current_database())"
SEEN = 100  # entries, in search of a whole one
BROKEN = "backup.broken"  # the download before it
BACKUPS = ("backup.made", "backup.downloaded")


@dataclass(frozen=True)
class Backup:
    """The last backup that the board knows of; who copies its disk tells it nothing."""

    at: dt.datetime
    by: str


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
        statement = SQLITE_SIZE if db.on_sqlite() else POSTGRESQL_SIZE
        (size,) = db.database.execute_sql(statement).fetchone()
        backup = _last_backup()
    kind = "SQLite" if db.on_sqlite() else "PostgreSQL"
    lines = tuple(doctor.glance(os.environ, settings))
    return State(__version__, kind, size, open_pages, backup, lines)


def _last_backup() -> Backup | None:
    query = AuditEntry.select().where(AuditEntry.action << (*BACKUPS, BROKEN))
    broken = 0
    for row in query.order_by(AuditEntry.id.desc()).limit(SEEN):
        if row.action == BROKEN:
            broken += 1
        elif broken and row.action == "backup.downloaded":
            broken -= 1
        else:
            return Backup(row.at, row.actor)
    return None


def as_json(state: State) -> dict[str, Any]:
    """Return it as programs get it."""
    backup = state.backup and {"at": clock.utc(state.backup.at), "by": state.backup.by}
    return {**asdict(state), "backup": backup}
