"""What the API's description says of the proof that an address asks for."""

from collections.abc import Iterable
from typing import Any

from service.access import api_tokens
from service.access.roles import SCOPE_OF, Action

SESSION, TOKEN = "session", "token"
SCHEMES: dict[str, Any] = {
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": "board-session",
        "description": (
            "What POST /api/login sets. A mark of the board's key ends its name; over HTTPS, "
            "`__Host-` begins it."
        ),
    },
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": f"{api_tokens.MARK}…",
        "description": (
            "Made at /account/tokens, for a program. It needs one of the scopes that an address "
            "names, and its user's role has to allow the same."
        ),
    },
}
Asked = list[dict[str, list[str]]]  # any one of these will do


def of(actions: Iterable[Action]) -> Asked:
    """Return which proofs an address takes that is for doing any of these actions."""
    scopes = dict.fromkeys(str(SCOPE_OF[each]) for each in actions if each in SCOPE_OF)
    return [{SESSION: []}, *({TOKEN: [scope]} for scope in scopes)]


def in_words(asked: Asked) -> str:
    """Return the same for people."""
    scopes = [scope for each in asked for scope in each.get(TOKEN, ())]
    if not asked:
        return "Anybody may ask."
    if not scopes:
        return "Asks for a session; no token will do."
    return f"Asks for a session, or a token with the scope {' or '.join(scopes)}."
