"""API tokens as they are stored: a hash each. Which of them work, for whom, and what they may do.

All of this runs in the connection or transaction of whoever asks.
"""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from service.access import audit, roles, standing
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.base import clock
from service.data.tables import ApiToken, User

MARK = "brd_"  # how one begins, so that people and scanners of leaks know it
TOKEN_BYTES = 20  # random ones; in hexadecimal, so that no program takes the end for punctuation
SHOWN = len(MARK) + 6  # characters of one that its list shows
FORM = re.compile(f"{MARK}[0-9a-f]{{{2 * TOKEN_BYTES}}}")


def new() -> str:
    """Return a token that nobody has."""
    return MARK + secrets.token_hex(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str) -> tuple[Identity, dt.datetime | None] | None:
    """Return whose token it is, and when it was noted to be used; None if it does not work."""
    row = _open(ApiToken, User).join(User).where(ApiToken.token_hash == digest(token)).get_or_none()
    now = standing.of([row.user_id]).get(row.user_id) if row else None
    return (replace(_identity(row), **now._asdict()), row.used_at) if now else None


def is_known(token: str) -> bool:
    """Say whether there is such a token, working or not."""
    return ApiToken.select().where(ApiToken.token_hash == digest(token)).exists()


def over(ids: Collection[int]) -> frozenset[int]:
    """Return which of some tokens work no more, by their ids."""
    if not ids:
        return frozenset()
    rows = list(_open(ApiToken.id, ApiToken.user).where(ApiToken.id << list(ids)))
    here = standing.of({row.user_id for row in rows})
    return frozenset(ids) - {row.id for row in rows if row.user_id in here}


def note_use(ids: Collection[int]) -> None:
    """Note that tokens were used just now."""
    ApiToken.update(used_at=clock.now()).where(ApiToken.id << list(ids)).execute()


def open_ones() -> tuple[Any, Any]:
    """Return what fits tokens that are neither revoked nor expired."""
    return ApiToken.revoked_at.is_null(), ApiToken.expires_at > clock.now()


def revoke(*conditions: object) -> list[ApiToken]:
    """Let the tokens that fit work no more, and return them, those that worked."""
    revoked = ApiToken.update(revoked_at=clock.now()).where(*open_ones(), *conditions)
    return list(revoked.returning(ApiToken).execute())


def revoke_each(by: Actor, who: Someone) -> None:
    """Let no token of a user work any more, and say so of each that did in the audit log."""
    for row in revoke(ApiToken.user == who.id):
        audit.note(by, "token.revoked", who, token=row.prefix)


def _open(*columns: Any) -> Any:
    return ApiToken.select(*columns).where(*open_ones())


def _identity(row: ApiToken) -> Identity:
    user: Any = row.user
    may = roles.within(row.scopes.split())
    return Identity(user.id, user.username, user.zone, "", may, token_id=row.id)
