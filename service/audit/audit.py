"""The audit log read: its newest entries, and all of those that somebody wants."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.access import actions
from service.base import clock
from service.base.words import name_key
from service.data import db
from service.data.tables import AuditEntry, User

PAGE = 50  # entries
AT_ONCE = 1000  # in memory, where all of them are read


class Entry(NamedTuple):
    """What was done, by whom, to whom; names are those of then."""

    id: int
    at: dt.datetime
    action: str
    actor: str
    actor_id: int | None
    target: str
    target_id: int | None
    address: str
    detail: dict[str, Any]

    @property
    def words(self) -> str:
        return actions.words(self.action)

    @property
    def details(self) -> str:
        """Return what else is told, on one line."""
        return ", ".join(f"{name}: {value or 'none'}" for name, value in self.detail.items())


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries: by or about somebody, of an action, from one moment to before another."""

    person: str = ""
    action: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class Page(NamedTuple):
    """Entries, and the id below which older ones are, if there are any."""

    entries: list[Entry]
    before: int | None


def newest(wanted: Wanted, before: int | None = None) -> Page:
    """Return the newest entries, of those with a lower id than `before`."""
    with db.read():
        rows = _read(_newest_first(_query(wanted), before).limit(PAGE + 1))
    shown = rows[:PAGE]
    return Page(shown, shown[-1].id if len(rows) > PAGE else None)


def every(wanted: Wanted) -> Iterator[Entry]:
    """Yield all entries, newest first; nobody waits for whoever reads slowly."""
    before = None
    while True:
        with db.read():
            rows = _read(_newest_first(_query(wanted), before).limit(AT_ONCE))
        yield from rows
        if len(rows) < AT_ONCE:
            return
        before = rows[-1].id


def _query(wanted: Wanted) -> Any:
    query = AuditEntry.select()
    if wanted.person:
        query = query.where(_concerns(wanted.person))
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.at < wanted.until)
    return query


def _concerns(person: str) -> Any:
    """Return the condition that somebody did it, or it was done to them.

    Whoever has the name now is meant, however they were called then; else the name that was noted.
    """
    user = User.select(User.id).where(User.username_key == name_key(person)).get_or_none()
    if user:
        return (AuditEntry.actor_id == user.id) | (AuditEntry.target_id == user.id)
    return (AuditEntry.actor == person) | (AuditEntry.target == person)


def _newest_first(query: Any, before: int | None) -> Any:
    query = query.order_by(AuditEntry.id.desc())
    return query if before is None else query.where(AuditEntry.id < before)


def _read(query: Any) -> list[Entry]:
    return [
        Entry(
            row.id,
            row.at,
            row.action,
            row.actor,
            row.actor_id,
            row.target,
            row.target_id,
            row.address,
            json.loads(row.detail) if row.detail else {},
        )
        for row in query
    ]


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as programs get it."""
    return {**entry._asdict(), "at": clock.utc(entry.at)}
