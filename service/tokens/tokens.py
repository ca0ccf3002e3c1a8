"""API tokens as their users see them: made, listed, revoked."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from service.access import api_tokens, audit, roles, standing
from service.access.audit import Actor, Someone
from service.base import clock
from service.base.errors import Conflict, Invalid, NotFound
from service.data import db
from service.data.tables import ApiToken, User
from service.tokens.terms import Terms

MOST_OPEN = 50  # tokens of a user
KEPT = dt.timedelta(days=30)  # in its list, after it works no more

State = Literal["open", "expired", "revoked"]


@dataclass(frozen=True)
class Token:
    """A token as its list shows it, by how it begins."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    @classmethod
    def of(cls, row: ApiToken) -> "Token":
        scopes = tuple(row.scopes.split())
        times = row.created_at, row.expires_at, row.used_at, row.revoked_at
        return cls(row.id, row.name, row.prefix, scopes, *times)

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > clock.now() else "expired"


def make(by: Actor, user_id: int, terms: Terms) -> tuple[Token, str]:
    """Make a token for a user and return it with the text that a program sends, told this once.

    Whoever makes one for another has been asked whether they may. Raises Invalid for scopes that
    the user's role does not allow, Conflict for too many tokens, or if the user may not sign in,
    NotFound, and Forbidden.
    """
    now, text = clock.now(), api_tokens.new()
    with db.write():
        user = _user(by, user_id)
        _check(user, terms)
        _forget(now - KEPT)
        row = ApiToken.create(
            user=user.id,
            name=terms.name,
            prefix=text[: api_tokens.SHOWN],
            token_hash=api_tokens.digest(text),
            scopes=" ".join(terms.scopes),
            created_at=now,
            expires_at=now + dt.timedelta(days=terms.days),
        )
        told = {"scopes": row.scopes, "days": terms.days, "note": terms.name}
        audit.note(by, "token.made", _on(by, user), token=row.prefix, **told)
        return Token.of(row), text


def _user(by: Actor, user_id: int) -> User:
    """Return whose token it is to be, locked."""
    user = db.locked(User.select().where(User.id == user_id)).get_or_none()
    if user is None or user.deleted_at:
        raise NotFound("There is no such account any more.")
    if by.who.id == user_id:
        standing.require_of(by, "account")
    if user.disabled_at:
        raise Conflict(f"{user.username} may not sign in. Change that first.")
    return user


def _check(user: User, terms: Terms) -> None:
    beyond = [scope for scope in terms.scopes if not roles.may(user.role, scope)]
    if beyond:
        raise Invalid(scopes=f"The role of {user.username} does not allow: {', '.join(beyond)}.")
    if count(user.id) >= MOST_OPEN:
        raise Conflict(f"{user.username} has {MOST_OPEN} tokens already. Revoke one first.")


def _forget(before: dt.datetime) -> None:
    """Let go of tokens that have worked no more for long."""
    long_over = (ApiToken.expires_at < before) | (ApiToken.revoked_at < before)
    ApiToken.delete().where(long_over).execute()


def _on(by: Actor, user: User) -> Someone | None:
    return None if by.who.id == user.id else Someone(user.id, user.username)


def listed(user_id: int) -> list[Token]:
    """Return a user's tokens, the newest first; those that work no more for a while, too."""
    with db.read():
        query = ApiToken.select().where(ApiToken.user == user_id)
        return [Token.of(row) for row in query.order_by(ApiToken.id.desc())]


def count(user_id: int) -> int:
    """Return how many tokens of a user work, or would if the user could sign in."""
    with db.read():
        return ApiToken.select().where(ApiToken.user == user_id, *api_tokens.open_ones()).count()


def revoke(by: Actor, token_id: int, user_id: int | None = None) -> Token:
    """Let a token work no more, one of that user's if it is told whose.

    Raises NotFound if none such works. Whoever revokes another's has been asked whether they may.
    """
    whose = () if user_id is None else (ApiToken.user == user_id,)
    with db.write():
        rows = api_tokens.revoke(ApiToken.id == token_id, *whose)
        if not rows:
            raise NotFound("There is no such token, or it works no more already.")
        found = Token.of(rows[0])
        on = _on(by, User.get_by_id(rows[0].user_id))
        audit.note(by, "token.revoked", on, token=found.prefix)
    return found
