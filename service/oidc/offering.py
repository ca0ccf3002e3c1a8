"""Links that tie an account to whoever opens them, once, and signs in at a provider."""

import datetime as dt
from dataclasses import dataclass

from service.access import audit, standing
from service.access.audit import Actor, Someone
from service.access.roles import PEOPLE
from service.base.errors import Conflict, NotFound
from service.data import db
from service.data.tables import User
from service.links import links

LIFETIME = dt.timedelta(hours=24)
PATH = "/identity"


@dataclass(frozen=True)
class Offered:
    """A link to hand over: whose account it ties, its code, and until when."""

    username: str
    code: str
    expires_at: dt.datetime


def make(by: Actor, user_id: int) -> Offered:
    """Make a link for somebody; raise Forbidden, NotFound, or Conflict for a bot."""
    with db.write():
        standing.require_of(by, "manage")
        row = User.select().where(User.id == user_id, User.deleted_at.is_null()).get_or_none()
        if row is None:
            raise NotFound("There is no such account any more.")
        if row.role not in PEOPLE:
            raise Conflict(f"{row.username} is a bot: it signs in nowhere.")
        links.revoke_for(row.id, "identity")
        link, code = links.make("identity", by.who.id, LIFETIME, user=row.id)
        audit.note(by, "identity.offered", Someone(row.id, row.username))
        return Offered(row.username, code, link.expires_at)


def whose(code: str) -> str:
    """Return the name of whom a link is for, of which that uses nothing up; raise Worthless."""
    with db.read():
        return User.get_by_id(links.find(code, "identity").user_id).username
