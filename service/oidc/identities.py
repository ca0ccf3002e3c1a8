"""Who people are at providers: tied to accounts by the provider and its own name for them alone."""

import datetime as dt
from dataclasses import dataclass

from service.access import audit, ended, second, sessions, standing, tokens
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.base import clock
from service.base.errors import Conflict, NotFound
from service.base.providers import Provider
from service.data import db
from service.data.tables import ProvidedIdentity, Session, User
from service.oidc.claims import NotTaken, Told


@dataclass(frozen=True)
class Tied:
    """An identity as its user sees it listed."""

    id: int
    issuer: str
    name: str
    created_at: dt.datetime
    used_at: dt.datetime


def of(user_id: int) -> list[Tied]:
    """Return a user's identities, the oldest first."""
    with db.read():
        rows = (
            ProvidedIdentity.select()
            .where(ProvidedIdentity.user == user_id)
            .order_by(ProvidedIdentity.id)
        )
        return [Tied(row.id, row.issuer, row.name, row.created_at, row.used_at) for row in rows]


def find(told: Told) -> ProvidedIdentity | None:
    """Return the identity of whom a provider tells, and note its use; in a transaction."""
    used = (
        ProvidedIdentity.update(used_at=clock.now(), name=told.name)
        .where(ProvidedIdentity.issuer == told.issuer, ProvidedIdentity.subject == told.subject)
        .returning(ProvidedIdentity)
        .execute()
    )
    return next(iter(used), None)


def tie(by: Actor, provider: Provider, user: User, told: Told) -> ProvidedIdentity:
    """Let somebody sign in as a user from now on; in a transaction that has locked the user's row.

    Raises Conflict if they are tied to another user, or the user to another of the same provider.
    """
    now = clock.now()
    made = (
        ProvidedIdentity.insert(
            user=user.id,
            issuer=told.issuer,
            subject=told.subject,
            name=told.name,
            created_at=now,
            used_at=now,
        )
        .on_conflict_ignore()
        .returning(ProvidedIdentity)
        .execute()
    )
    for row in made:
        on = Someone(user.id, user.username)
        audit.note(by, "identity.linked", on, provider=provider.name)
        return row
    raise Conflict(
        f"Either you are linked with another account here, or this account with another at "
        f"{provider.words}. Undo that first, on the account page of the other account."
    )


def link(me: Identity, by: Actor, provider: Provider, told: Told) -> None:
    """Tie somebody who is signed in to who they are at a provider; raise Conflict."""
    with db.write():
        user = _locked(me.user_id)
        standing.require(me, "account")
        if found := find(told):
            if found.user_id == user.id:
                return
            raise Conflict(f"That account at {provider.words} is linked with somebody else's here.")
        tie(by, provider, user, told)


def unlink(me: Identity, by: Actor, identity_id: int, *, passwords: bool) -> None:
    """Untie it, and end what other sessions began with it.

    Raises NotFound, and Conflict if there would be no way in left; `passwords` says whether theirs
    is one.
    """
    with db.write():
        user = _locked(me.user_id)
        standing.require(me, "account")
        own = list(ProvidedIdentity.select().where(ProvidedIdentity.user == me.user_id))
        if identity_id not in {row.id for row in own}:
            raise NotFound
        only = len(own) == 1 and not second.has_passkey(user.id)
        if only and not passwords:
            raise Conflict("It is your only way in.")
        if only and user.password_hash == tokens.NO_PASSWORD:
            raise Conflict("It is your only way in. Ask an admin for a link to set a password.")
        sessions.end_these(Session.provided == identity_id, Session.id != me.session_id)
        ProvidedIdentity.delete().where(ProvidedIdentity.id == identity_id).execute()
        audit.note(by, "identity.unlinked", Someone(user.id, user.username))
    ended.sessions.refresh()


def check_own(me: Identity, told: Told) -> None:
    """Raise NotTaken unless a provider tells of who is signed in."""
    with db.write():
        found = find(told)
    if found is None or found.user_id != me.user_id:
        raise NotTaken("That is not the account that yours here is linked with.")


def _locked(user_id: int) -> User:
    user = db.locked(User.select().where(User.id == user_id)).get_or_none()
    if user is None:
        raise NotFound
    return user
