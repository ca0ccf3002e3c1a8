"""Sessions: the authority on who is signed in; a token only saves reading them for a while."""

import datetime as dt
import secrets
from contextlib import suppress
from typing import Any, TypedDict, Unpack

from service.access import begun, ended, idle, standing
from service.access.identity import Identity
from service.access.roles import PEOPLE
from service.base import clock
from service.base.errors import Invalid, NotFound, NotSignedIn
from service.data import db, events, outages
from service.data.tables import Session, User

LIFETIME = dt.timedelta(days=7)
MAX_DEVICE = 200  # characters of the User-Agent header that are kept
MAX_ADDRESS = 64  # and of the address, which a proxy may tell
STANDS = "ended_at IS NULL AND expires_at > "  # in SQL; the time that it is follows


class Provided(TypedDict, total=False):
    """Of a session that begins at a provider: its name, the identity's id, the session's there."""

    method: str
    provided: int
    idp_sid: str | None


def start(
    user_id: int,
    password_hash: str,
    zone: str,
    device: str,
    lifetime: dt.timedelta = LIFETIME,
    *,
    address: str = "",
    **how: Unpack[Provided],
) -> Identity:
    """Begin a session and return the identity it gives.

    The user's row is locked and looked at again: between the check of the password and now it may
    have been changed, or the user disabled. Raises NotSignedIn then, and for a bot.
    """
    now = clock.now()
    with db.write():
        user = db.locked(User.select().where(User.id == user_id)).get_or_none()
        if user is None or user.password_hash != password_hash or not _may_sign_in(user):
            raise NotSignedIn("The username or the password is wrong.")
        session_id = _new_id()
        User.update(zone=zone).where(User.id == user_id).execute()
        long_over = Session.expires_at < now - LIFETIME
        Session.delete().where(Session.user == user_id, long_over).execute()
        Session.insert(
            id=session_id,
            user=user_id,
            device=device[:MAX_DEVICE],
            zone=zone,
            created_at=now,
            used_at=now,
            expires_at=idle.until(now + lifetime),
            confirmed_at=now,
            address=address[:MAX_ADDRESS] or None,
            **how,
        ).execute()
        left_over = 0 if how.get("method") == begun.DOCTOR else _end_left_over(user_id, session_id)
    if left_over:
        ended.sessions.refresh()
    return _identity(user, zone, session_id)


def _may_sign_in(user: User) -> bool:
    return user.disabled_at is None and user.role in PEOPLE


def _end_left_over(user_id: int, newest: str) -> int:
    """End what a user has open beyond begun.MOST_OPEN, and return how many those were."""
    ids: Any = Session.id
    others = (
        Session.select(ids)
        .where(*begun.still_open(user_id), ids != newest)
        .order_by(Session.used_at.desc(), ids)
        .offset(begun.MOST_OPEN - 1)
    )
    return Session.update(ended_at=clock.now()).where(ids.in_(others)).execute()


def change_password(me: Identity, verified_hash: str, new_hash: str) -> Identity:
    """Change the user's password, end every session, and return the identity of one like this one.

    A copy of this session's cookie is worth nothing afterwards. Raises Invalid if the password is
    no longer the one that was verified, NotSignedIn if this session has ended meanwhile.
    """
    now = clock.now()
    with db.write():
        user = db.locked(User.select().where(User.id == me.user_id)).get_or_none()
        session = Session.get_or_none(*standing.session_stands(me.session_id))
        if user is None or session is None:
            raise NotSignedIn
        if user.password_hash != verified_hash:
            raise Invalid(current_password="Your password was changed meanwhile.")  # noqa: S106
        User.update(password_hash=new_hash).where(User.id == user.id).execute()
        end_each(user.id)
        moments = {"created_at": now, "used_at": now, "confirmed_at": now}
        anew = copied(session, **moments, expires_at=idle.until(now + LIFETIME))
    ended.sessions.refresh()
    return _identity(user, session.zone, anew)


def copied(session: Session, **changed: object) -> str:
    """Begin a session like one that ends, but for what changed; return its id. In a transaction."""
    anew = _new_id()
    Session.insert(session.__data__ | {"id": anew, **changed}).execute()
    return anew


def _new_id() -> str:
    return events.newest().epoch + secrets.token_hex(12)


def renew(session_id: str) -> Identity:
    """Return whose session it is, if it still stands; raise NotSignedIn if it does not."""
    _note_use(session_id)
    with db.read():
        row = (
            Session.select(Session, User)
            .join(User)
            .where(*standing.session_stands(session_id))
            .get_or_none()
        )
    if row is None:
        raise NotSignedIn
    return _identity(row.user, row.zone, session_id)


def _identity(user: User, zone: str, session_id: str) -> Identity:
    return Identity(
        user.id,
        user.username,
        zone,
        session_id,
        role=user.role,
        display_name=user.display_name,
    )


def _note_use(session_id: str) -> None:
    try:
        with db.write():
            if session := Session.get_or_none(*standing.session_stands(session_id)):
                noted = idle.noted(session.used_at, session.created_at + LIFETIME)
                Session.update(**noted).where(*standing.session_stands(session_id)).execute()
    except db.UNAVAILABLE as failure:
        if not outages.is_full(failure):  # whoever only reads needs no room
            raise


def stands(session_id: str) -> bool:
    """Say whether the session is neither ended nor too old."""
    with db.read():
        return still_stands(session_id)


def still_stands(session_id: str) -> bool:
    """Say the same in the transaction of whoever asks."""
    return Session.select().where(*standing.session_stands(session_id)).exists()


def keep_zone(session_id: str, zone: str) -> Identity:
    """Set the session's zone and return the identity with it; raise NotSignedIn."""
    with db.write():
        Session.update(zone=zone).where(Session.id == session_id).execute()
    return renew(session_id)


def end(user_id: int, session_id: str) -> None:
    """End one of the user's sessions; raise NotFound for a stranger's."""
    with db.write():
        count = (
            Session.update(ended_at=clock.now())
            .where(Session.user == user_id, *standing.session_stands(session_id))
            .execute()
        )
    if not count:
        raise NotFound
    ended.sessions.add(session_id)


def leave(me: Identity) -> None:
    """End this session, unless it was ended from elsewhere a moment ago."""
    with suppress(NotFound):
        end(me.user_id, me.session_id)


def end_all(user_id: int) -> None:
    """End every session of the user."""
    with db.write():
        end_each(user_id)
    ended.sessions.refresh()


def end_each(user_id: int) -> None:
    """End every session of the user in the transaction of whoever asks."""
    end_these(Session.user == user_id)


def end_these(*conditions: object) -> int:
    """End the sessions that fit, as above, and return how many those were."""
    here = (*conditions, Session.ended_at.is_null())
    return Session.update(ended_at=clock.now()).where(*here).execute()
