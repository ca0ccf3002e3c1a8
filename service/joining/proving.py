"""Proving that an e-mail address is one's own: a link that is mailed there, and its use."""

from dataclasses import dataclass

from service.access.audit import Actor, Someone
from service.accounts import emails
from service.data import db
from service.data.tables import User
from service.joining.registration import PATH, PROVING
from service.links import links
from service.links.links import Worthless
from service.mail.smtp import Mail

SUBJECT = "Your e-mail address"
TEXT = """Somebody, perhaps you, gave this address to the account {name} on {board}.

Open this link within a day to say that it is yours:

{link}

If it was not you, there is nothing to do.
"""


@dataclass(frozen=True)
class Proof:
    """What a link proves: an address, of an account or of one that is to be made."""

    email: str
    username: str | None


def mail(board: str, public_url: str, user_id: int) -> Mail | None:
    """Return the mail to somebody's address that is not proved yet, if they have one."""
    with db.write():
        row = User.get_or_none(User.id == user_id)
        if row is None or row.email is None or row.email_key is not None or row.disabled_at:
            return None
        links.revoke_for(row.id, "email")
        _, code = links.make("email", row.id, PROVING, user=row.id, email=row.email)
    link = links.address(public_url, PATH, code)
    return Mail(row.email, SUBJECT, TEXT.format(board=board, name=row.username, link=link))


def look(code: str) -> Proof:
    """Return what a link proves, and use nothing up; raise Worthless."""
    with db.read():
        link = links.find(code, "email")
        row = User.get_or_none(User.id == link.user_id) if link.user_id else None
    if link.email is None or (link.user_id and (row is None or row.disabled_at)):
        raise Worthless
    return Proof(link.email, row.username if row else None)


def use(code: str, address: str) -> None:
    """Let the address be its account's; raise Worthless, or Conflict if it can't be any more."""
    with db.write():
        user_id = links.find(code, "email").user_id
        row = db.locked(User.select().where(User.id == user_id)).get_or_none()
        link = links.use(code, "email")
        if row is None or row.disabled_at or link.email is None:
            raise Worthless
        emails.prove(row.id, Actor(Someone(row.id, row.username), address), link.email)
