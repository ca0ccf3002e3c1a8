"""People as they are looked for: by name or address, role and state, a page at a time."""

import datetime as dt
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from service.access import begun, roles, second
from service.access.begun import OpenSession
from service.access.identity import Identity
from service.access.roles import Role
from service.accounts.accounts import Account
from service.base.errors import NotFound
from service.base.words import name_key
from service.data import db
from service.data.tables import User

PAGE_SIZE = 50
OPEN = User.disabled_at.is_null() & User.deleted_at.is_null()
SHUT = User.disabled_at.is_null(False) & User.deleted_at.is_null()
STATES: dict[str, Any] = {
    "active": OPEN,
    "pending": SHUT & User.pending_at.is_null(False),
    "disabled": SHUT & User.pending_at.is_null(),
    "deleted": User.deleted_at.is_null(False),
}


@dataclass(frozen=True)
class Person:
    """Somebody as one who looks after people sees them: an address only where that is theirs."""

    account: Account
    created_at: dt.datetime
    admits: bool  # whether the reader may let them in and keep them out
    second: bool | None  # whether they have a second factor; None where the reader is not told


@dataclass(frozen=True)
class Wanted:
    """Who is looked for; what is empty does not matter, but for the deleted."""

    q: str = ""
    role: str = ""
    state: str = ""


@dataclass(frozen=True)
class Page:
    """People by name, of those that were looked for, and how many pages they fill."""

    people: list[Person]
    number: int
    pages: int
    found: int


def listed(me: Identity, wanted: Wanted, number: int = 1) -> Page:
    """Return a page of those who are looked for."""
    with db.read():
        query = User.select().where(*_conditions(me, wanted))
        found = query.count()
        pages = max(1, math.ceil(found / PAGE_SIZE))
        number = min(max(1, number), pages)
        rows = list(query.order_by(User.username_key).paginate(number, PAGE_SIZE))
        secured = second.who_have_one([row.id for row in rows])
    return Page([_person(me, row, secured) for row in rows], number, pages, found)


def waiting() -> int:
    """Return how many wait to be let in."""
    with db.read():
        return User.select().where(STATES["pending"]).count()


def one(me: Identity, user_id: int) -> Person:
    """Return somebody; raise NotFound."""
    with db.read():
        row = User.get_or_none(User.id == user_id)
        secured = second.who_have_one([user_id])
    if row is None:
        raise NotFound("There is no such account.")
    return _person(me, row, secured)


def open_sessions(me: Identity, person: Person) -> list[OpenSession]:
    """Return where somebody is signed in, for those who may end that."""
    return begun.open_sessions(person.account.id) if me.may("manage") else []


def _person(me: Identity, row: User, secured: Collection[int]) -> Person:
    account, admits = Account.of(row), row.role in _admitted(me)
    shown = account if admits else replace(account, email=None)
    told = row.id in secured if me.may("manage") else None
    return Person(shown, row.created_at, admits, told)


def _admitted(me: Identity) -> frozenset[Role]:
    return roles.ADMITS.get(me.role, frozenset())


def _conditions(me: Identity, wanted: Wanted) -> Iterator[Any]:
    yield STATES.get(wanted.state, User.deleted_at.is_null())
    if wanted.role in roles.ROLES:
        yield User.role == wanted.role
    if key := name_key(wanted.q):
        address = User.email.contains(wanted.q.strip()) & (User.role << _admitted(me))
        wanted_name = User.wanted_name.contains(wanted.q.strip())
        named = User.username_key.contains(key) | User.display_key.contains(key)
        yield named | wanted_name | address
