"""Every kind of caller that there is: without a session, with one, and bots by their scopes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from starlette.types import Scope

from service.access import ended, guards, roles
from service.access.identity import Identity
from service.access.roles import Action
from service.access.standing import Standings
from service.base import clock, parts
from service.data import db
from service.data.tables import Session, User
from tests.people import SignIn, add_bot, add_person, cookie_name, token

Headers = dict[str, str]

BOTS: dict[str, frozenset[Action]] = {
    "bot that reads": frozenset({"read"}),
    "bot that posts": frozenset({"read", "post"}),
    "bot that posts unread": frozenset({"post"}),
    "bot that moderates": frozenset({"read", "moderate"}),
    "bot that may anything": roles.EVERYTHING,
}


@dataclass(frozen=True)
class Caller:
    """Somebody who asks: what they are, if anybody, and what they prove it by, anew each time."""

    name: str
    role: str | None
    proof: Callable[[], Headers]
    scopes: frozenset[Action] = roles.EVERYTHING
    owns: bool = False

    def may(self, action: Action | None) -> bool:
        if action is None:
            return True
        return self.role is not None and action in self.scopes and roles.may(self.role, action)


def everyone(sign_in: SignIn, patch: pytest.MonkeyPatch) -> list[Caller]:
    """Return every kind of caller; Olga owns what they ask for."""
    bot = add_bot("bot", add_person("its-owner", "admin"))
    patch.setattr(guards, "READERS", (*guards.READERS, _reader(bot.id)))
    people = [
        Caller(role, role, _cookie(sign_in, f"a-{role}", role))
        for role in ("guest", "member", "moderator", "admin")
    ]
    return [
        Caller("nobody", None, dict),
        *_signed_out(sign_in),
        Caller("owner", "member", _cookie(sign_in, "olga", "member"), owns=True),
        *people,
        *(Caller(name, "bot", lambda name=name: {"x-bot": name}, BOTS[name]) for name in BOTS),
    ]


def _cookie(sign_in: SignIn, name: str, role: str) -> Callable[[], Headers]:
    def proof() -> Headers:
        person = sign_in(name, role=role)
        return {"cookie": f"{cookie_name(person)}={token(person)}"}

    return proof


def _signed_out(sign_in: SignIn) -> list[Caller]:
    """Return those whose session is worth nothing any more, though its token is fresh."""
    names = ("expired", "disabled", "pending")
    proofs = {name: _cookie(sign_in, name, "admin")() for name in names}
    now = clock.now()
    of = {name: User.select(User.id).where(User.username == name) for name in names}
    with db.write():
        Session.update(expires_at=now).where(Session.user << of["expired"]).execute()
        # Their sessions stand, as if they had begun at that very moment.
        User.update(disabled_at=now).where(User.id << of["disabled"]).execute()
        User.update(disabled_at=now, pending_at=now).where(User.id << of["pending"]).execute()
    ended.sessions.refresh()
    return [Caller(name, None, lambda name=name: proofs[name]) for name in names]


def _reader(bot: int) -> Callable[[Scope], object]:
    """Return what lets a header prove that a bot asks, as a token will."""

    async def by_header(scope: Scope) -> Identity | None:
        names = [value.decode() for name, value in scope["headers"] if name == b"x-bot"]
        me = Identity(bot, "bot", "UTC", "", BOTS[names[0]]) if names else None
        return me and await parts.of(scope, Standings).complete(scope, me)

    return by_header
