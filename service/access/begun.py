"""Sessions as those see them who have begun them: which stand, from where, and since when."""

import datetime as dt
from dataclasses import dataclass

from service.access import devices
from service.base import clock
from service.data import db
from service.data.tables import Session

MOST_OPEN = 100  # sessions of a user; with one more, the one not used for longest ends
# The method of a session with which `board doctor` looks in as somebody: they did not begin it, so
# they are not shown it. No provider's name has a blank.
DOCTOR = "board doctor"


@dataclass(frozen=True)
class OpenSession:
    """A session as its user sees it listed."""

    id: str
    device: str
    address: str  # where it was begun; unknown of those that a release before this one began
    created_at: dt.datetime
    used_at: dt.datetime


def begun_by(user_id: int) -> tuple[object, ...]:
    """Return the conditions of the sessions that a user has begun, standing or not."""
    return Session.user == user_id, Session.method.is_null() | (Session.method != DOCTOR)


def still_open(user_id: int) -> tuple[object, ...]:
    """Return the conditions of those that stand."""
    return (
        *begun_by(user_id),
        Session.ended_at.is_null(),
        Session.expires_at > clock.now(),
    )


def open_sessions(user_id: int) -> list[OpenSession]:
    """Return the user's standing sessions, the last used first."""
    with db.read():
        rows = (
            Session.select()
            .where(*still_open(user_id))
            .order_by(Session.used_at.desc())
            .limit(MOST_OPEN)  # a release before 0.3.1 may have left more
        )
        return [
            OpenSession(
                *(row.id, devices.name(row.device), row.address or ""),
                *(row.created_at, row.used_at),
            )
            for row in rows
        ]


def method(session_id: str) -> str | None:
    """Return the provider at which a session began, if it did at one."""
    with db.read():
        row = Session.select(Session.method).where(Session.id == session_id).get_or_none()
    return row.method if row else None
