"""One's own second factor: an app that is set up, recovery codes made anew, all of it turned off.

Each is done by whoever has just proved who they are, and asks in its transaction whether they may.
"""

from collections.abc import Generator
from contextlib import contextmanager

from service.access import audit, duty, second, standing
from service.access.audit import Actor
from service.access.identity import Identity
from service.access.second_codes import SecondCodes
from service.access.standing import Standing
from service.base.errors import Conflict
from service.data import db
from service.data.tables import User

NONE = "You have no second factor. Set one up first."
ONLY_ONE = "This board wants a second factor of you. Set up a passkey before you turn the app off."


def set_up(codes: SecondCodes, me: Identity, by: Actor, sealed: str, typed: str) -> list[str]:
    """Set an app up, or another one; return recovery codes if they are new, or raise Invalid."""
    with _changing(me):
        return codes.set_up(by, me.user_id, sealed, typed)


def new_codes(me: Identity, by: Actor) -> list[str]:
    """Return new recovery codes, which make the old ones worthless; raise Conflict."""
    with _changing(me):
        if not (second.has_app(me.user_id) or second.has_passkey(me.user_id)):
            raise Conflict(NONE)
        audit.note(by, "second.codes")
        return second.make_codes(me.user_id)


def turn_off(me: Identity, by: Actor) -> None:
    """Ask for codes no more; raise Conflict if there are none, or it is a duty to have them."""
    with _changing(me) as now:
        if not second.has_app(me.user_id):
            raise Conflict(NONE)
        if duty.binds(now.role) and not second.has_passkey(me.user_id):
            raise Conflict(ONLY_ONE)
        audit.note(by, "second.off")
        second.turn_off(me.user_id)


@contextmanager
def _changing(me: Identity) -> Generator[Standing]:
    with db.write():
        # Two that come together follow one another.
        list(db.locked(User.select(User.id).where(User.id == me.user_id)))
        yield standing.require(me, "account")
