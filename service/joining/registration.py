"""Registration by oneself: to be let in by somebody, or with an address in one of the domains.

A stranger learns from neither who has an account. Who waits to be let in has a name that says
nothing, and the one they want is for whoever lets them in: it may be somebody's already. Who has an
address chooses a name only once they have proved that they read what is sent there.
"""

import datetime as dt
import secrets

from service.access import audit, options
from service.access.audit import Actor, Someone
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import Invalid, NotFound, TooManyRequests
from service.data import db
from service.data.tables import Link, User
from service.joining.newcomers import Newcomer
from service.links import links
from service.links.links import Worthless
from service.mail import addresses
from service.mail.smtp import Mail

MOST_WAITING = 200  # so that no crowd buries those who are meant to be let in
PROVING = dt.timedelta(hours=24)
PATH = "/email"
REFUSED = {
    "off": "Nobody registers here by themselves. Ask an admin for an account.",
    "invite": "You need an invitation to join. Ask somebody who is on the board for a link.",
}
SUBJECT = "Your account"
WELCOME = """Somebody, perhaps you, wants an account on {board} with this address.

Open this link within a day, and choose a name and a password:

{link}

If it was not you, there is nothing to do.
"""
ALREADY = """Somebody, perhaps you, wants an account on {board} with this address.

It has one already: sign in at {url} as {name}. If the password is lost, ask
for a new one there.

If it was not you, there is nothing to do.
"""


def require(mode: options.Registration) -> None:
    """Raise NotFound unless people register in that way, in the caller's transaction."""
    now = options.read().registration
    if now != mode:
        raise NotFound(REFUSED.get(now, "Registration works in another way by now."))
    if not User.select().exists():
        raise NotFound("Nobody has set this board up yet.")  # the first is its admin


def wait(newcomer: Newcomer, email: str | None, note: str, address: str) -> None:
    """Let somebody wait to be let in; raise NotFound, or TooManyRequests if too many do."""
    with db.write():
        require("approval")
        if User.select().where(User.pending_at.is_null(False)).count() >= MOST_WAITING:
            raise TooManyRequests(
                "Many wait to be let in. Try again tomorrow, or ask an admin.",
                limit="registrations",
            )
        now = clock.now()
        made = accounts.insert(
            f"waiting-{secrets.token_hex(6)}",
            newcomer.password_hash,
            zone=clock.known_zone(newcomer.zone),
            email=email,
            disabled_at=now,  # which keeps them out of a release before this one, too
            pending_at=now,
            wanted_name=newcomer.username,
            pending_note=note or None,
        )
        audit.note(Actor(Someone(made.id, newcomer.username), address), "user.registered")


def check_domain(email: str, domains: tuple[str, ...]) -> None:
    """Raise Invalid unless an address is in one of the domains, which are no secret."""
    if addresses.domain(email) not in domains:
        raise Invalid(email=f"Use an address that ends with @{' or @'.join(domains)}.")


def mail(board: str, public_url: str, email: str) -> Mail:
    """Return the mail to an address that wants an account: a link, or that there is one."""
    with db.write():
        taken = User.get_or_none(User.email_key == addresses.key(email))
        if taken is None:
            _, code = links.make("email", None, PROVING, email=email)
            link = links.address(public_url, PATH, code)
            return Mail(email, SUBJECT, WELCOME.format(board=board, link=link))
    return Mail(email, SUBJECT, ALREADY.format(board=board, url=public_url, name=taken.username))


def join(code: str, newcomer: Newcomer, address: str) -> Account:
    """Make the account of whoever has proved an address, which is theirs from now on.

    Raises NotFound if the link makes no account, Conflict for a name that somebody has.
    """
    with db.write():
        link = links.use(code, "email")
        email = _of_newcomer(link)
        made = accounts.insert(
            newcomer.username,
            newcomer.password_hash,
            zone=clock.known_zone(newcomer.zone),
            display_name=newcomer.display_name,
            email=email,
            email_key=addresses.key(email),
            email_verified_at=clock.now(),
        )
        audit.note(Actor(Someone(made.id, made.username), address), "user.registered")
    return made


def _of_newcomer(link: Link) -> str:
    """Return the address that a link has proved, in its transaction, if it still may register."""
    email = link.email
    if link.user_id is not None or email is None:
        raise Worthless
    require("domains")
    if addresses.domain(email) not in options.read().domains:
        raise Worthless
    if User.select().where(User.email_key == addresses.key(email)).exists():
        raise Worthless
    return email
