"""Sessions: the authority on who is signed in; a token only saves reading them for a while."""

import datetime as dt
import secrets
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from service.access import tokens
from service.access.identity import Identity
from service.base import clock
from service.base.errors import Invalid, NotFound, NotSignedIn
from service.data import db, events, outages
from service.data.tables import Session, User

LIFETIME = dt.timedelta(days=7)
MOST_OPEN = 100  # sessions of a user; with one more, the one not used for longest ends
MAX_PROGRAM = 40  # characters of a program's name that are shown
MAX_DEVICE = 200  # characters of the User-Agent header that are kept
# How far back ended sessions are read: a token's life, and what late commits and clocks may add.
ENDED_WINDOW = tokens.LIFETIME + dt.timedelta(minutes=10)
# What a User-Agent header holds, and the name people know it by; the first match counts.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"))
BROWSERS += (("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"))
SYSTEMS += (("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))
STANDS = "ended_at IS NULL AND expires_at > "  # in SQL; the time that it is follows
TRUSTED_FOR = 4.0  # seconds; an ended session must be noticed within 5


@dataclass(frozen=True)
class OpenSession:
    """A session as its user sees it listed."""

    id: str
    device: str
    created_at: dt.datetime
    used_at: dt.datetime


def start(
    user_id: int,
    password_hash: str,
    zone: str,
    device: str,
    lifetime: dt.timedelta = LIFETIME,
) -> Identity:
    """Begin a session and return the identity it gives.

    The user's row is locked and looked at again: between the check of the password and now it may
    have been changed, or the user disabled. Raises NotSignedIn then.
    """
    now = clock.now()
    with db.write():
        user = db.locked(User.select().where(User.id == user_id)).get_or_none()
        if user is None or user.password_hash != password_hash or user.disabled_at:
            raise NotSignedIn("The username or the password is wrong.")
        session_id = _new_id()
        User.update(zone=zone).where(User.id == user_id).execute()
        Session.delete().where(
            Session.user == user_id, Session.expires_at < now - LIFETIME
        ).execute()
        Session.insert(
            id=session_id,
            user=user_id,
            device=device[:MAX_DEVICE],
            zone=zone,
            created_at=now,
            used_at=now,
            expires_at=now + lifetime,
        ).execute()
        left_over = _end_left_over(user_id, session_id)
    if left_over:
        ended_sessions.refresh()
    return Identity(user_id, user.username, zone, session_id)


def _end_left_over(user_id: int, newest: str) -> int:
    """End what a user has open beyond MOST_OPEN, and return how many those were."""
    ids: Any = Session.id
    others = (
        Session.select(ids)
        .where(*_open(user_id), ids != newest)
        .order_by(Session.used_at.desc(), ids)
        .offset(MOST_OPEN - 1)
    )
    return Session.update(ended_at=clock.now()).where(ids.in_(others)).execute()


def _open(user_id: int) -> tuple[object, ...]:
    return (
        Session.user == user_id,
        Session.ended_at.is_null(),
        Session.expires_at > clock.now(),
    )


def change_password(me: Identity, verified_hash: str, new_hash: str) -> Identity:
    """Change the user's password, end every session, and return the identity of one like this one.

    A copy of this session's cookie is worth nothing afterwards. Raises Invalid if the password is
    no longer the one that was verified, NotSignedIn if this session has ended meanwhile.
    """
    now = clock.now()
    with db.write():
        user = db.locked(User.select().where(User.id == me.user_id)).get_or_none()
        session = Session.get_or_none(*_stands(me.session_id))
        if user is None or session is None:
            raise NotSignedIn
        if user.password_hash != verified_hash:
            raise Invalid(current_password="Your password was changed meanwhile.")  # noqa: S106
        User.update(password_hash=new_hash).where(User.id == user.id).execute()
        _end_all(user.id)
        anew = {"id": _new_id(), "created_at": now, "used_at": now, "expires_at": now + LIFETIME}
        Session.insert(session.__data__ | anew).execute()
    ended_sessions.refresh()
    return Identity(user.id, user.username, session.zone, anew["id"])


def _new_id() -> str:
    return events.newest().epoch + secrets.token_hex(12)


def renew(session_id: str) -> Identity:
    """Return whose session it is, if it still stands; raise NotSignedIn if it does not."""
    _note_use(session_id)
    with db.read():
        row = Session.select(Session, User).join(User).where(*_stands(session_id)).get_or_none()
    if row is None:
        raise NotSignedIn
    return Identity(row.user_id, row.user.username, row.zone, session_id)


def _note_use(session_id: str) -> None:
    try:
        with db.write():
            Session.update(used_at=clock.now()).where(*_stands(session_id)).execute()
    except db.UNAVAILABLE as failure:
        if not outages.is_full(failure):  # whoever only reads needs no room
            raise


def stands(session_id: str) -> bool:
    """Say whether the session is neither ended nor too old."""
    with db.read():
        return still_stands(session_id)


def still_stands(session_id: str) -> bool:
    """Say the same in the transaction of whoever asks."""
    return Session.select().where(*_stands(session_id)).exists()


def keep_zone(session_id: str, zone: str) -> Identity:
    """Set the session's zone and return the identity with it; raise NotSignedIn."""
    with db.write():
        Session.update(zone=zone).where(Session.id == session_id).execute()
    return renew(session_id)


def open_sessions(user_id: int) -> list[OpenSession]:
    """Return the user's standing sessions, the last used first."""
    with db.read():
        rows = (
            Session.select()
            .where(*_open(user_id))
            .order_by(Session.used_at.desc())
            .limit(MOST_OPEN)  # a release before 0.3.1 may have left more
        )
        return [
            OpenSession(row.id, device_name(row.device), row.created_at, row.used_at)
            for row in rows
        ]


def device_name(user_agent: str) -> str:
    """Return a User-Agent header in words: Firefox on Linux, or the program's own name."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return user_agent.partition("/")[0][:MAX_PROGRAM] or "Unknown device"


def end(user_id: int, session_id: str) -> None:
    """End one of the user's sessions; raise NotFound for a stranger's."""
    with db.write():
        ended = (
            Session.update(ended_at=clock.now())
            .where(Session.user == user_id, *_stands(session_id))
            .execute()
        )
    if not ended:
        raise NotFound
    ended_sessions.add(session_id)


def end_all(user_id: int) -> None:
    """End every session of the user."""
    with db.write():
        _end_all(user_id)
    ended_sessions.refresh()


def _end_all(user_id: int) -> None:
    Session.update(ended_at=clock.now()).where(
        Session.user == user_id, Session.ended_at.is_null()
    ).execute()


def _stands(session_id: str) -> tuple[object, ...]:
    return (
        Session.id == session_id,
        Session.ended_at.is_null(),
        Session.expires_at > clock.now(),
    )


@dataclass(frozen=True)
class Ended:
    """The sessions known to be over.

    A session's id begins with the epoch it was started in: when a restore changes the epoch, the
    sessions of before are over, and nothing but their ids tells of them.
    """

    ids: frozenset[str] = frozenset()
    epoch: str = ""
    restored: bool = False  # while this process watched

    def __contains__(self, session_id: object) -> bool:
        return session_id in self.ids or (self.restored and self.is_foreign(str(session_id)))

    def is_foreign(self, session_id: str) -> bool:
        """Say whether a session can't be judged by its absence here."""
        return not session_id.startswith(self.epoch)


class EndedSessions:
    """The sessions over of late, so that a fresh token of theirs is refused without a read.

    The whole window is read each time: a cursor over `ended_at` would miss late commits.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = Ended()
        self._read_at = float("-inf")  # when the read began: what is committed later is not in it
        self._added: dict[str, float] = {}

    def refresh(self) -> Ended:
        """Read the window again and return it."""
        started, now = time.monotonic(), clock.now()
        with db.read():
            epoch = events.newest().epoch
            rows = Session.select(Session.id).where(
                (Session.ended_at > now - ENDED_WINDOW)
                | Session.expires_at.between(now - ENDED_WINDOW, now)
            )
            ids = frozenset(row.id for row in rows)
        with self._lock:
            if started > self._read_at:
                before = self._ended
                restored = before.restored or before.epoch not in {"", epoch}
                # What ended while this was read may be missing from it.
                self._added = {each: at for each, at in self._added.items() if at > started}
                ids |= self._added.keys()
                self._ended, self._read_at = Ended(ids, epoch, restored), started
            return self._ended

    def catch_up(self) -> None:
        """Read the window unless that was done of late, perhaps while this call had to wait."""
        if not self.are_up_to_date():
            self.refresh()

    def known(self) -> Ended:
        """Return what was read last, another object after each read."""
        return self._ended

    def are_up_to_date(self) -> bool:
        """Say whether the last read is so young that a session's absence from it counts."""
        return time.monotonic() - self._read_at < TRUSTED_FOR

    def add(self, session_id: str) -> None:
        with self._lock:
            self._added[session_id] = time.monotonic()
            self._ended = replace(self._ended, ids=self._ended.ids | {session_id})

    def holds(self, session_id: str) -> bool | None:
        """Say whether the session was ended; None if what was read lately does not tell."""
        ended = self._ended
        if session_id in ended.ids:
            return True
        absence_counts = self.are_up_to_date() and not ended.is_foreign(session_id)
        return False if absence_counts else None


ended_sessions = EndedSessions()


def look_again(me: Identity) -> Identity | None:
    """Return an identity as it is by what was read last, or None if its session is over.

    It reads nothing itself: the hub asks it for each open stream.
    """
    return None if me.session_id in ended_sessions.known() else me
