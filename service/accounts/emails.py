"""The e-mail address of one's own account.

Anybody may name any address, so none is refused for being somebody else's: that would tell who has
an account. It is theirs once they have proved that they read what is sent there, and what is proved
is one account's alone (`email_key`): nobody keeps it from its owner by having named it before.
"""

from peewee import IntegrityError

from service.access import audit, standing
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.base import clock
from service.base.errors import Conflict, NotSignedIn
from service.data import db
from service.data.tables import User
from service.mail import addresses

UNPROVED = {"email_key": None, "email_verified_at": None}
CHANGED = "This account has another e-mail address by now. Ask for a new link on its page."
ANOTHERS = "Another account has proved that this address is its own. Take it out there first."


def change(me: Identity, by: Actor, address: str) -> str | None:
    """Give the account an address, or take it away if it is blank; return it as it is stored.

    What was proved before stays so where only its writing changes. Raises Invalid.
    """
    new = addresses.clean(address) if address.strip() else None
    with db.write():
        user = _locked(me.user_id)
        if user is None:
            raise NotSignedIn
        standing.require(me, "account")
        if new == user.email:
            return new
        proved = new and user.email_key == addresses.key(new)
        values = {"email": new} if proved else {"email": new, **UNPROVED}
        User.update(**values).where(User.id == user.id).execute()
        audit.note(by, "email.changed", Someone(user.id, user.username))
    return new


def prove(user_id: int, by: Actor, address: str) -> None:
    """Note that an address is its account's, as whoever reads what is sent there can show.

    In the transaction that uses up the proof. Raises Conflict if it is the account's no longer, or
    another's; that is told to nobody else.
    """
    user, key = _locked(user_id), addresses.key(address)
    if user is None or user.email is None or addresses.key(user.email) != key:
        raise Conflict(CHANGED)
    if user.email_key == key:
        return
    if User.select().where(User.email_key == key).exists():
        raise Conflict(ANOTHERS)
    try:
        User.update(email_key=key, email_verified_at=clock.now()).where(
            User.id == user_id
        ).execute()
    except IntegrityError:  # at the same moment
        raise Conflict(ANOTHERS) from None
    audit.note(by, "email.verified", Someone(user.id, user.username))


def _locked(user_id: int) -> User | None:
    return db.locked(User.select().where(User.id == user_id)).get_or_none()
