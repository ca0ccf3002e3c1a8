"""What somebody is by now, whatever their token says: their role, their name, their pages' look."""

import time
from collections.abc import Collection
from dataclasses import replace
from itertools import batched
from typing import Any, NamedTuple, Protocol

from peewee import JOIN
from starlette.types import Scope

from service.access import roles
from service.access.audit import Actor
from service.access.identity import Identity, Owner
from service.access.roles import Action
from service.access.visible import Member
from service.base import clock, lanes
from service.base.errors import NotSignedIn
from service.data import db
from service.data.tables import Bot, Session, User

TRUSTED_FOR = 2.0  # seconds; what changes must be seen within 5
MOST = 10_000  # people remembered
AT_ONCE = 1000  # people asked for in one query
OWNER: Any = User.alias("owner")
# A bot whose owner is kept out is kept out, too, and so is one without.
OWNED = (User.role != "bot") | OWNER.id.is_null(False)

LOOK = User.theme, User.hours, User.newest_first


class Standing(NamedTuple):
    role: str
    display_name: str | None
    owner: Owner | None  # of a bot
    theme: str
    hours: str
    newest_first: bool


class Asking(Protocol):
    @property
    def user_id(self) -> int: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def scopes(self) -> frozenset[Action]: ...


class Standings:
    """What this process knows of those who asked of late."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Standing, float]] = {}

    async def complete(self, scope: Scope, me: Identity) -> Identity:
        """Return an identity with its role and shown name; raise NotSignedIn if nobody is it."""
        standing, read_at = self._known.get(me.user_id, (None, 0.0))
        if standing is None or time.monotonic() - read_at > TRUSTED_FOR:
            standing = await lanes.run(scope, "reads", self.read, me.user_id)
        return replace(me, **standing._asdict())

    def read(self, user_id: int) -> Standing:
        """Return what somebody is now; raise NotSignedIn if nobody has that id, or may."""
        started = time.monotonic()
        with db.read():
            standing = _now(user_id)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[user_id] = standing, started
        return standing

    def forget(self, user_id: int) -> None:
        """Let a change be seen here at once; other processes see it soon."""
        self._known.pop(user_id, None)

    def forget_all(self) -> None:
        """Let what others changed be seen at once."""
        self._known.clear()


def require(me: Asking, action: Action) -> Standing:
    """Return what `me` is now; raise Forbidden if they may not do it, NotSignedIn if they are gone.

    Called in the transaction that does it, once what it changes is locked: a role that was taken
    away counts at once. Whoever is kept out is gone, and so is whose session has ended.
    """
    if me.session_id and not Session.select().where(*session_stands(me.session_id)).exists():
        raise NotSignedIn
    now = _now(me.user_id)
    if action not in me.scopes or not roles.may(now.role, action, now.owner and now.owner.role):
        raise roles.refusal(action, me.scopes)
    return now


def require_of(by: Actor, action: Action) -> Standing | None:
    """Return and raise the same of whoever does something; None for the board's operator."""
    if by.who.id is None:
        return None
    return require(Member(by.who.id, by.session_id), action)


def session_stands(session_id: str) -> tuple[object, ...]:
    """Return the conditions of a session that is neither ended nor too old."""
    return (
        Session.id == session_id,
        Session.ended_at.is_null(),
        Session.expires_at > clock.now(),
    )


def of(users: Collection[int]) -> dict[int, Standing]:
    """Return what some users are now, by their ids, but of those who are kept out."""
    found: dict[int, Standing] = {}
    for some in batched(users, AT_ONCE, strict=False):
        rows: Any = (
            User.select(User.id, User.role, User.display_name, OWNER.id, OWNER.role, *LOOK)
            .join(Bot, JOIN.LEFT_OUTER, on=Bot.user == User.id)
            .join(OWNER, JOIN.LEFT_OUTER, on=(Bot.owner == OWNER.id) & OWNER.disabled_at.is_null())
            .where(User.id << some, User.disabled_at.is_null(), OWNED)
            .tuples()
        )
        for user, role, name, *owner, theme, hours, newest_first in rows:
            owned_by = Owner(*owner) if role == "bot" else None
            found[user] = Standing(role, name, owned_by, theme, hours, newest_first)
    return found


def _now(user_id: int) -> Standing:
    # Whose session has begun as they were kept out has one that stands.
    if now := of([user_id]).get(user_id):
        return now
    raise NotSignedIn
