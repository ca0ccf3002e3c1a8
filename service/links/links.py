"""Links with a code, which is shown once: the database has its hash.

All of this runs in the connection or transaction of whoever asks. A link is locked after users.
"""

import datetime as dt
import hashlib
import secrets
from typing import Any, Literal, TypedDict, Unpack

from peewee import JOIN

from service.base import clock
from service.base.errors import NotFound
from service.data.tables import Link, User

Purpose = Literal["invite", "reset", "email", "identity"]
CODE_BYTES = 16  # random ones; in hexadecimal, so that no program takes the end for punctuation
MAX_NOTE = 200  # characters
KEPT = dt.timedelta(days=30)  # after it has expired


class About(TypedDict, total=False):
    """What a link is for: a role to invite to, the id of a user, an e-mail address; and a note."""

    role: str
    user: int
    email: str
    note: str


class Worthless(NotFound):
    """The one answer to a code that is wrong, used up, expired or taken back."""

    title = "This link does not work"
    message = (
        "It was used already, has expired, was taken back, or was not copied whole. "
        "Ask for a new one."
    )


def make(
    purpose: Purpose,
    by: int | None,
    lifetime: dt.timedelta,
    max_uses: int = 1,
    **about: Unpack[About],
) -> tuple[Link, str]:
    """Make a link and return it with its code, which nothing can tell afterwards.

    `by` is the id of whoever makes it, None for the operator.
    """
    now = clock.now()
    Link.delete().where(Link.expires_at < now - KEPT).execute()
    code = secrets.token_hex(CODE_BYTES)
    made = Link.create(
        purpose=purpose,
        code_hash=_hash(code),
        created_by=by,
        created_at=now,
        expires_at=now + lifetime,
        max_uses=max_uses,
        **about,
    )
    return made, code


def find(code: str, purpose: Purpose) -> Link:
    """Return the link of a code, of which that uses nothing up; raise Worthless."""
    found = Link.select().where(*_works(purpose), Link.code_hash == _hash(code)).first()
    if found is None:
        raise Worthless
    return found


def use(code: str, purpose: Purpose) -> Link:
    """Use a link once and return it; raise Worthless, as for all but one who use the last time."""
    used = (
        Link.update(uses=Link.uses + 1)
        .where(*_works(purpose), Link.code_hash == _hash(code))
        .returning(Link)
        .execute()
    )
    for link in used:
        return link
    raise Worthless


def revoke(link_id: int, purpose: Purpose) -> None:
    """Take a link back; raise NotFound if there is none that works."""
    taken = Link.update(revoked_at=clock.now()).where(*_works(purpose), Link.id == link_id)
    if not taken.execute():
        raise NotFound


def revoke_for(user_id: int, purpose: Purpose) -> None:
    """Take back all links that are for somebody."""
    Link.update(revoked_at=clock.now()).where(*_works(purpose), Link.user == user_id).execute()


def open_ones(purpose: Purpose) -> list[Link]:
    """Return the links that work, the newest first, each with whoever made it."""
    rows = (
        Link.select(Link, User)
        .join(User, JOIN.LEFT_OUTER, on=Link.created_by)
        .where(*_works(purpose))
        .order_by(Link.id.desc())
    )
    return list(rows)


def address(public_url: str, path: str, code: str) -> str:
    """Return where a link leads, a path alone if `public_url` is empty.

    Nothing that a request says of the board's own address goes into it.
    """
    return f"{public_url}{path}?code={code}"


def _works(purpose: Purpose) -> tuple[Any, ...]:
    return (
        Link.purpose == purpose,
        Link.uses < Link.max_uses,
        Link.revoked_at.is_null(),
        Link.expires_at > clock.now(),
    )


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode()).hexdigest()
