"""Confirmation: what is sensitive asks for a proof of who one is that is a few minutes old."""

import datetime as dt

from service.access import sessions
from service.base import clock
from service.base.errors import NotSignedIn
from service.data import db
from service.data.tables import Session

LASTS = dt.timedelta(minutes=10)


def is_fresh(session_id: str) -> bool:
    """Say whether the user proved of late, in this session, who they are; signing in does."""
    with db.read():
        return (
            Session.select()
            .where(Session.id == session_id, Session.confirmed_at > clock.now() - LASTS)
            .exists()
        )


def confirm(session_id: str) -> None:
    """Note that the user has proved in this session who they are; raise NotSignedIn if it ended.

    Whoever calls this has seen the proof, of whatever kind.
    """
    with db.write():
        if not sessions.still_stands(session_id):
            raise NotSignedIn
        Session.update(confirmed_at=clock.now()).where(Session.id == session_id).execute()
