"""The last backup that the board knows of, from its audit log."""

import datetime as dt
from dataclasses import dataclass

from service.data.tables import AuditEntry

SEEN = 100  # entries, in search of a whole one
BROKEN = "backup.broken"  # the download before it
BACKUPS = ("backup.made", "backup.downloaded")


@dataclass(frozen=True)
class Backup:
    """When it was made, and by whom; who copies the board's disk tells it nothing."""

    at: dt.datetime
    by: str


def backup() -> Backup | None:
    """Return the last one that was whole, if there is one. Needs a connection."""
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
