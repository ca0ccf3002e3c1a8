"""The duty to have a second factor: whom an option asks for one, and what becomes of who has none.

Whoever comes from a provider is not asked: that is the provider's business. Nor is a program with a
token: it can do nothing to an account.
"""

import time

from starlette.types import Scope

from service.access import begun, options, second
from service.access.identity import Identity
from service.access.options import Current, Duty
from service.access.roles import PEOPLE, may
from service.base import lanes, parts
from service.base.errors import SecondFactorMissing
from service.base.parts import Where
from service.data import db
from service.data.tables import ProvidedIdentity, Session

TRUSTED_FOR = 2.0  # seconds; what changes must be seen within 5
MOST = 10_000  # sessions remembered


def applies(duty: Duty, role: str) -> bool:
    """Say whether somebody of a role must have a second factor."""
    return role in PEOPLE and (duty == "everybody" or (duty == "admins" and may(role, "manage")))


def binds(role: str) -> bool:
    """Say the same as it is decided now; in the transaction of what would leave them without."""
    return applies(options.read().second_factor, role)


def is_known(where: Where, me: Identity) -> bool:
    """Say whether `me` must have one, as this process knows it."""
    return applies(parts.of(where, Current).known.second_factor, me.role)


def is_step_due(duty: Duty, user_id: int, role: str) -> bool:
    """Say whether a second step follows a right password."""
    with db.read():
        return second.has_app(user_id) or (applies(duty, role) and second.has_passkey(user_id))


class Duties:
    """Who of those who must has a second factor, as this process knows it."""

    def __init__(self) -> None:
        self._met: dict[tuple[int, str], float] = {}

    async def require(self, scope: Scope, me: Identity) -> None:
        """Raise SecondFactorMissing if `me` must have a second factor and has none."""
        if self.is_met(scope, me):
            return
        key = me.user_id, me.session_id
        started = time.monotonic()
        if not await lanes.run(scope, "reads", _is_met, me):
            raise SecondFactorMissing
        if len(self._met) >= MOST:
            self._met.clear()
        self._met[key] = started

    def is_met(self, where: Where, me: Identity) -> bool:
        """Say whether `me` needs no second factor, or was found to have one a moment ago."""
        met = self._met.get((me.user_id, me.session_id), float("-inf"))
        return not is_known(where, me) or time.monotonic() - met < TRUSTED_FOR


def _is_met(me: Identity) -> bool:
    is_free = _may_come_from_provider if me.token_id is not None else _is_free
    with db.read():
        return second.has_app(me.user_id) or second.has_passkey(me.user_id) or is_free(me)


def _may_come_from_provider(me: Identity) -> bool:
    """Say whether a token's user is somebody at a provider: they may have nothing else."""
    return ProvidedIdentity.select().where(ProvidedIdentity.user == me.user_id).exists()


def _is_free(me: Identity) -> bool:
    """Say whether a session began at a provider, or is the doctor's, who only looks in."""
    began = Session.provided.is_null(False) | (Session.method == begun.DOCTOR)
    return Session.select().where(Session.id == me.session_id, began).exists()
