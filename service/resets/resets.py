"""Reset links: made by an admin or a command, or mailed; used once, within their hour or day.

A link is worth something as long as the password stays that it was made to replace, and the address
to which it may have gone. It signs nobody in: whoever has used one signs in as ever, with all that
is asked there.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from service.access import api_tokens, audit, ended, sessions, standing
from service.access.audit import Actor, Someone
from service.access.roles import PEOPLE
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base.errors import Conflict, NotFound
from service.base.words import name_key
from service.data import db
from service.data.tables import Link, User
from service.links import links
from service.links.links import Worthless
from service.mail import addresses
from service.mail.smtp import Mail

LIFETIME = dt.timedelta(hours=24)
BY_MAIL = dt.timedelta(hours=1)
PATH = "/reset"
SUBJECT = "A new password"
TEXT = """Somebody, perhaps you, asked for a new password on {board}, for the user {name}.

Open this link within an hour and set one:

{link}

If it was not you, there is nothing to do: the password stays as it is.
"""


@dataclass(frozen=True)
class Made:
    """A link to hand over: whose password it sets, its code, and until when."""

    username: str
    code: str
    expires_at: dt.datetime


def make(by: Actor, user_id: int) -> Made:
    """Make a link for somebody who may sign in; raise Forbidden, NotFound, or Conflict if not.

    No bot may.
    """
    with db.write():
        standing.require_of(by, "manage")
        row = User.select().where(User.id == user_id).get_or_none()
        if row is None or row.deleted_at:
            raise NotFound("There is no such account any more.")
        if row.role not in PEOPLE:
            raise Conflict(f"{row.username} is a bot: it has no password.")
        if row.disabled_at:
            raise Conflict(f"{row.username} may not sign in. Change that first.")
        link, code = _link(by.who.id, row, LIFETIME)
        audit.note(by, "reset.made", Someone(row.id, row.username))
        return Made(row.username, code, link.expires_at)


def mail(board: str, public_url: str, who: str) -> Mail | None:
    """Return a mail with a link to whoever has that name or address, if anybody has.

    It goes to an address that was proved to be theirs.
    """
    named = (User.username_key == name_key(who)) | (User.email_key == addresses.key(who))
    with db.write():
        found = User.select().where(named, User.email_key.is_null(False))
        # Somebody else may be called like that address.
        found = found.order_by(User.email_key != addresses.key(who))
        row = found.where(User.disabled_at.is_null(), User.role << PEOPLE).first()
        if row is None or row.email is None:
            return None
        _, code = _link(row.id, row, BY_MAIL)
    link = links.address(public_url, PATH, code)
    return Mail(row.email, SUBJECT, TEXT.format(board=board, name=row.username, link=link))


def _link(by: int | None, row: User, lifetime: dt.timedelta) -> tuple[Link, str]:
    return links.make("reset", by, lifetime, user=row.id, note=_mark(row))


def _mark(row: User) -> str:
    """Return what tells the time of one password and proved address from another's."""
    return hashlib.sha256(f"{row.password_hash} {row.email_key}".encode()).hexdigest()


def whose(code: str) -> str:
    """Return the name of whose password a link sets, which that leaves as it is; or Worthless."""
    return _whose(code).username


def _whose(code: str) -> Account:
    with db.read():
        link = links.find(code, "reset")
        return Account.of(_fitting(link, User.get_or_none(User.id == link.user_id)))


def check(code: str, password: str, board: str) -> None:
    """Raise Worthless, or Invalid for a password that is none for them. Takes half a second."""
    accounts.check_new_password(password, *_whose(code).words, board)


def use(code: str, password_hash: str, address: str) -> None:
    """Set the password, end all sessions and tokens, for one alone; raise Worthless."""
    with db.write():
        user_id = links.find(code, "reset").user_id
        locked = db.locked(User.select().where(User.id == user_id)).get_or_none()
        row = _fitting(links.use(code, "reset"), locked)
        User.update(password_hash=password_hash).where(User.id == row.id).execute()
        sessions.end_each(row.id)
        who = Someone(row.id, row.username)
        audit.note(Actor(who, address), "reset.used")
        api_tokens.revoke_each(Actor(who, address), who)
    ended.sessions.refresh()


def _fitting(link: Link, row: User | None) -> User:
    """Return whose password the link still sets; raise Worthless."""
    if row is None or row.disabled_at or row.role not in PEOPLE:
        raise Worthless
    if link.note != _mark(row):
        raise Worthless
    return row
