"""The name that others see, in place of one's username."""

from peewee import IntegrityError

from service.access import audit, names, standing
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.base.errors import NotSignedIn
from service.data import db, events
from service.data.tables import EVERYWHERE, User


def show_as(me: Identity, by: Actor, name: str, board: str = "") -> None:
    """Let others see `me` by a name, or by their username if it is blank; the same changes nothing.

    `board` is the board's own name. Raises Invalid if it is no name, or looks like somebody else's.
    """
    new = names.clean(name, board, "display_name") if name.strip() else None
    try:
        with db.write():
            names.hold()
            standing.require(me, "account")
            _change(me, by, new)
    except IntegrityError:  # somebody took it at the same moment
        raise names.taken(name) from None


def _change(me: Identity, by: Actor, new: str | None) -> None:
    user = db.locked(User.select().where(User.id == me.user_id)).get_or_none()
    if user is None:
        raise NotSignedIn
    let_be_shown(by, user, new)


def let_be_shown(by: Actor, user: User, new: str | None) -> None:
    """Let others see a user, whose row is locked, by a clean name; raises as `show_as`."""
    if new == user.username:
        new = None
    if new == user.display_name:
        return
    if new and (taken := names.alike(new, but=user.id)):
        raise names.taken(taken)
    User.update(**names.shown_as(new)).where(User.id == user.id).execute()
    audit.note(by, "user.renamed", Someone(user.id, user.username), was=user.display_name, now=new)
    events.append(EVERYWHERE, "user", user.id)
