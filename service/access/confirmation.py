"""Confirmation: what is sensitive asks for a proof of who one is that is a few minutes old."""

import datetime as dt
from dataclasses import replace

from service.access import audit, ended, sessions, standing
from service.access.audit import Actor
from service.access.identity import Identity
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
            .where(*standing.session_stands(session_id), Session.confirmed_at > clock.now() - LASTS)
            .exists()
        )


def confirm(me: Identity, by: Actor, **how: object) -> Identity:
    """Note that a user has proved who they are; return the identity of the session that goes on.

    It is a new one, for which the answer has to set the cookie: a copy of the cookie from before is
    worth nothing now. Whoever calls this has seen the proof, of whatever kind. Raises NotSignedIn
    if the session has ended.
    """
    with db.write():
        session = db.locked(Session.select().where(Session.id == me.session_id)).get_or_none()
        if session is None or not sessions.still_stands(session.id):
            raise NotSignedIn
        sessions.end_these(Session.id == session.id)
        now = clock.now()
        anew = sessions.copied(session, used_at=now, confirmed_at=now)
        audit.note(by, "session.confirmed", None, **how)
    ended.sessions.add(me.session_id)
    return replace(me, session_id=anew)
