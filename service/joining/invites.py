"""Invitations: a link by which others join in a role, as long as whoever made it may invite so."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from service.access import audit, options, roles, standing
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.access.options import Options
from service.access.roles import Role
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock
from service.base.errors import Forbidden, NotFound
from service.data import db
from service.data.tables import Link, User
from service.joining.newcomers import Newcomer
from service.joining.terms import Terms
from service.links import links

PURPOSE: links.Purpose = "invite"
PATH = "/join"
# In which they are offered, the usual one first.
ORDER: tuple[Role, ...] = ("member", "guest", "moderator", "admin")


@dataclass(frozen=True)
class Invitation:
    """What an invitation says to whoever looks at it; it is from nobody if a command made it."""

    role: str
    inviter: str | None
    expires_at: dt.datetime


@dataclass(frozen=True)
class Open:
    """An invitation as its list shows it; `works` unless its maker may not invite so any more."""

    id: int
    role: str
    note: str
    maker: str
    left: int
    uses: int
    created_at: dt.datetime
    expires_at: dt.datetime
    works: bool


def offered(role: str, decided: Options) -> list[Role]:
    """Return the roles to which somebody of a role may invite."""
    if role == "member" and not decided.members_invite:
        return []
    if decided.registration == "off" and role != "admin":
        return []
    return [each for each in ORDER if each in roles.INVITES.get(role, ())]


def offered_now(me: Identity | None) -> list[Role]:
    """Return the same of who asks, the operator if nobody does; in a transaction.

    Raises Forbidden if there is none, and NotSignedIn.
    """
    if me is None:
        return list(ORDER)
    found = offered(standing.require(me, "invite").role, options.read())
    if not found:
        raise Forbidden(roles.REFUSED["invite"])
    return found


def make(me: Identity | None, by: Actor, terms: Terms) -> tuple[Link, str]:
    """Make an invitation and return it with its code, which nothing tells again.

    Raises Forbidden, also for a role that is not one's to give, and NotSignedIn.
    """
    with db.write():
        may_be = offered_now(me)
        if terms.role not in may_be:
            raise Forbidden(f"You can invite somebody as {' or '.join(may_be)} alone.")
        link, code = links.make(
            PURPOSE, by.who.id, terms.lifetime, terms.uses, role=terms.role, note=terms.note
        )
        audit.note(by, "invite.made", invite=link.id, **asdict(terms))
    return link, code


def find(code: str) -> Invitation:
    """Return what an invitation says, using none of it up; raise Worthless."""
    with db.read():
        link = links.find(code, PURPOSE)
        maker = _maker(link)
    name = (maker.display_name or maker.username) if maker else None
    return Invitation(str(link.role), name, link.expires_at)


def use(code: str) -> tuple[Link, Role]:
    """Use an invitation once, and return it with the role it gives; raise Worthless.

    Called in the transaction that makes the account.
    """
    link = links.find(code, PURPOSE)
    _maker(link, locked=True)
    return links.use(code, PURPOSE), _role(link)


def join(code: str, newcomer: Newcomer, address: str) -> Account:
    """Use an invitation and make the account, or neither.

    Raises Worthless, and Conflict if somebody has a name like that.
    """
    with db.write():
        link, role = use(code)
        account = accounts.insert(
            newcomer.username,
            newcomer.password_hash,
            zone=clock.known_zone(newcomer.zone),
            display_name=newcomer.display_name,
            role=role,
        )
        who = Someone(account.id, account.username)
        by = Actor(who, address)
        audit.note(by, "invite.used", invite=link.id, note=link.note)
        audit.note(by, "user.added", who, role=link.role, way="invitation")
    return account


def revoke(me: Identity | None, by: Actor, link_id: int) -> None:
    """Take back an invitation of one's own, an admin or the operator any.

    Raises NotFound if there is none that works, Forbidden and NotSignedIn.
    """
    with db.write():
        whose = () if _sees_all(me) else (Link.created_by == by.who.id,)
        link = Link.get_or_none(Link.id == link_id, Link.purpose == PURPOSE, *whose)
        if link is None:
            raise NotFound
        links.revoke(link_id, PURPOSE)
        audit.note(by, "invite.revoked", invite=link_id, role=link.role, note=link.note)


def open_ones(me: Identity | None) -> list[Open]:
    """Return the invitations that are open, newest first: one's own, for an admin all."""
    with db.read():
        everybodys = _sees_all(me)
        decided = options.read()
        rows = [
            link
            for link in links.open_ones(PURPOSE)
            if everybodys or (me and link.created_by_id == me.user_id)
        ]
    return [_open(link, decided) for link in rows]


def _sees_all(me: Identity | None) -> bool:
    return me is None or roles.may(standing.require(me, "invite").role, "manage")


def _open(link: Link, decided: Options) -> Open:
    maker: Any = link.created_by
    return Open(
        id=link.id,
        role=_role(link),
        note=link.note,
        maker=(maker.display_name or maker.username) if maker else "the operator",
        left=link.max_uses - link.uses,
        uses=link.max_uses,
        created_at=link.created_at,
        expires_at=link.expires_at,
        works=maker is None or _may_give(maker, link, decided),
    )


def _maker(link: Link, *, locked: bool = False) -> User | None:
    """Return who made it, None if a command did; raise Worthless if they may invite so no more.

    Users' rows stay when they are deleted, so that an invitation never loses its maker.
    """
    if link.created_by_id is None:
        return None
    row = User.select().where(User.id == link.created_by_id)
    maker = (db.locked(row) if locked else row).get()
    if not _may_give(maker, link, options.read()):
        raise links.Worthless
    return maker


def _may_give(maker: User, link: Link, decided: Options) -> bool:
    is_here = not (maker.disabled_at or maker.pending_at or maker.deleted_at)
    return is_here and link.role in offered(maker.role, decided)


def _role(link: Link) -> Role:
    return next(role for role in roles.ROLES if role == link.role)
