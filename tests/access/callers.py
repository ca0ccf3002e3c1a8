"""Every kind of caller that there is: without a session, with one, and programs by scopes."""

from collections.abc import Callable
from dataclasses import dataclass

from service.access import ended, roles
from service.access.audit import OPERATOR
from service.access.roles import Action
from service.accounts.accounts import Account
from service.base import clock
from service.data import db
from service.data.tables import Session, User
from service.tokens import tokens
from service.tokens.terms import Terms
from tests.people import SignIn, add_bot, add_person, cookie_name, token

Headers = dict[str, str]

BOTS: dict[str, tuple[Action, ...]] = {
    "bot that reads": ("read",),
    "bot that posts": ("read", "post"),
    "bot that posts unread": ("post",),
    "bot that moderates": ("read", "moderate"),
    "bot that may all it can": roles.SCOPES,
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


def everyone(sign_in: SignIn) -> list[Caller]:
    """Return every kind of caller; Olga owns what they ask for."""
    owner = add_person("its-owner", "admin")
    bot = add_bot("bot", owner)
    people = [
        Caller(role, role, _cookie(sign_in, f"a-{role}", role))
        for role in ("guest", "member", "moderator", "admin")
    ]
    return [
        Caller("nobody", None, dict),
        *_signed_out(sign_in),
        Caller("owner", "member", _cookie(sign_in, "olga", "member"), owns=True),
        *people,
        *(_by_token(name, bot, *scopes) for name, scopes in BOTS.items()),
        _by_token("an admin's program", owner, *roles.SCOPES),
        _by_token("one whose token is revoked", owner, *roles.SCOPES, revoked=True),
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


def _by_token(name: str, whose: Account, *scopes: Action, revoked: bool = False) -> Caller:
    made, text = tokens.make(OPERATOR, whose.id, Terms(name, scopes))
    if revoked:
        tokens.revoke(OPERATOR, made.id)
    role = None if revoked else whose.role
    return Caller(name, role, lambda: {"authorization": f"Bearer {text}"}, roles.within(scopes))
