"""Roles, and what each may do: everything that has to know asks here."""

from collections.abc import Collection
from typing import Literal, get_args

from service.base.errors import Forbidden, MissingScope

Role = Literal["admin", "moderator", "member", "guest", "bot"]
Action = Literal[
    "read",
    "post",
    "join",
    "room",
    "direct",
    "call",
    "moderate",
    "account",
    "invite",
    "admit",
    "manage",
]
# What is done with a room that there is.
Deed = Literal["name", "topic", "add", "remove", "private", "archive", "delete"]

ROLES: tuple[Role, ...] = get_args(Role)
EVERYTHING: frozenset[Action] = frozenset(get_args(Action))
# What a token may be for. All else is for people who are signed in.
SCOPES: tuple[Action, ...] = ("read", "post", "moderate")
SCOPE_OF: dict[Action, Action] = {
    **{scope: scope for scope in SCOPES},
    **dict.fromkeys(("join", "room", "direct"), "post"),
}
PEOPLE: frozenset[Role] = frozenset({"admin", "moderator", "member", "guest"})

MAY: dict[Action, frozenset[Role]] = {
    "read": frozenset(ROLES),
    # and edit and delete what is one's own
    "post": frozenset({"admin", "moderator", "member", "bot"}),
    # come into open rooms, leave them, and say what one wants to be told of
    "join": frozenset(ROLES),
    # make rooms; members only as far as an option allows it
    "room": frozenset({"admin", "moderator", "member"}),
    # begin a conversation with some people
    "direct": frozenset({"admin", "moderator", "member"}),
    # call everybody in a room
    "call": frozenset({"admin", "moderator"}),
    # remove what another has posted
    "moderate": frozenset({"admin", "moderator", "bot"}),
    # look after one's own account: sessions, password, export, deletion
    "account": PEOPLE,
    # members only as far as an option allows it
    "invite": frozenset({"admin", "moderator", "member"}),
    # let in who has registered, keep out who is no longer wanted
    "admit": frozenset({"admin", "moderator"}),
    # roles, reset links, others' sessions, bots, options, the audit log
    "manage": frozenset({"admin"}),
}
# What each deed takes: of "post" in the room's own members, of all else in whoever sees it. Whoever
# made the room may do all of them, as long as they may post.
ROOM_DEEDS: dict[Deed, Action] = {
    **dict.fromkeys(("name", "topic", "add"), "post"),
    **dict.fromkeys(("remove", "private", "archive"), "moderate"),
    "delete": "manage",
}
# Whom somebody may bring in, and admit or keep out.
INVITES: dict[Role, frozenset[Role]] = {
    "admin": PEOPLE,
    "moderator": frozenset({"member", "guest"}),
    "member": frozenset({"member"}),
}
ADMITS: dict[Role, frozenset[Role]] = {
    "admin": frozenset(ROLES),
    "moderator": frozenset({"member", "guest"}),
}
# What somebody is told who may not.
REFUSED: dict[Action, str] = {
    "read": "You may not read here.",
    "post": "You may read here, but change nothing.",
    "join": "You may not come into rooms.",
    "room": "You may not make rooms. Ask an admin.",
    "direct": "You may not begin a direct message.",
    "call": "Only moderators may call everybody.",
    "moderate": "Only moderators may do that.",
    "account": "A bot has no account page. Whoever owns it looks after it.",
    "invite": "You may not invite others. Ask an admin.",
    "admit": "Only moderators and admins may do that.",
    "manage": "Only admins may do that.",
}
PEOPLE_ONLY = "No token may do that. Sign in to do it."


def may(role: str, action: Action, owner: str | None = None) -> bool:
    """Say whether a role, as it is stored, may do something; a bot, only what its owner may."""
    return role in MAY[action] and (owner is None or owner in MAY[action])


def refusal(action: Action, scopes: Collection[Action]) -> Forbidden:
    """Return what somebody is told who may not do something: by their role, or by their token."""
    if action in scopes:
        return Forbidden(REFUSED[action])
    scope = SCOPE_OF.get(action)
    return MissingScope(scope) if scope else Forbidden(PEOPLE_ONLY)


def within(scopes: Collection[str]) -> frozenset[Action]:
    """Return all that a token with some scopes is for."""
    return frozenset(action for action, scope in SCOPE_OF.items() if scope in scopes)
