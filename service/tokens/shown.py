"""Tokens as pages and programs are shown them."""

from typing import Any

from service.access import roles
from service.access.roles import Action
from service.base import clock
from service.tokens import terms
from service.tokens.tokens import Token

# What a form offers; a program may ask for any of them together.
OFFERED: tuple[tuple[tuple[Action, ...], str], ...] = (
    (("read",), "the board, its search, and what changes"),
    (("read", "post"), "and edit and delete what its user wrote"),
    (("post",), "and see nothing"),
    (("read", "post", "moderate"), "and remove what others wrote"),
)
FORM: dict[str, str] = {"name": "", "scopes": "read", "days": str(terms.DAYS)}
MOST = {"name": terms.MAX_NAME, "days": terms.MOST_DAYS}


def offered(role: str, owner: str | None = None) -> list[tuple[str, str]]:
    """Return the scopes that a role can give, as they are sent, and in words.

    `owner` is the role of who owns the user, if it is a bot.
    """
    return [
        (" ".join(scopes), words)
        for scopes, words in OFFERED
        if all(roles.may(role, scope, owner) for scope in scopes)
    ]


def as_json(token: Token) -> dict[str, Any]:
    """Return a token as programs get it, without what it is sent as."""
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": list(token.scopes),
        "state": token.state,
        "created_at": clock.utc(token.created_at),
        "expires_at": clock.utc(token.expires_at),
        "used_at": token.used_at and clock.utc(token.used_at),
        "revoked_at": token.revoked_at and clock.utc(token.revoked_at),
    }
