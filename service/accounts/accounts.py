"""Accounts: who may sign in, with which password, in which time zone."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self, TypedDict, Unpack, get_args

from service.access import api_tokens, audit, names, sessions, tokens
from service.access.audit import Actor, Someone
from service.access.roles import PEOPLE, Role
from service.base import clock, lookalikes, passwords
from service.base.errors import Conflict, Invalid, NotFound
from service.base.words import name_key
from service.data import db, first_room
from service.data.tables import Bot, User

State = Literal["active", "pending", "disabled", "deleted"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Account:
    """A user as other modules see one."""

    id: int
    username: str
    password_hash: str
    zone: str
    disabled: bool
    role: str = "member"
    display_name: str | None = None
    email: str | None = None
    email_verified: bool = False
    pending: bool = False  # registered, and not let in yet
    wanted_name: str | None = None  # and under which name
    note: str | None = None  # and why
    deleted: bool = False
    emptying: bool = False  # their texts go on being deleted
    role_from: str | None = None  # the provider that has given it

    @classmethod
    def of(cls, row: User) -> Self:
        """Return a row as others see it."""
        disabled = row.disabled_at is not None
        return cls(
            row.id,
            row.username,
            row.password_hash,
            row.zone,
            disabled,
            role=row.role,
            display_name=row.display_name,
            email=row.email,
            email_verified=row.email_key is not None,
            pending=disabled and row.pending_at is not None,
            wanted_name=row.wanted_name,
            note=row.pending_note,
            deleted=row.deleted_at is not None,
            emptying=row.emptying_at is not None,
            role_from=row.role_from,
        )

    @property
    def called(self) -> str:
        """The username, or the one that is wanted by somebody who waits to be let in."""
        return self.wanted_name or self.username

    @property
    def words(self) -> tuple[str, ...]:
        """What others know of them, and no password of theirs is made of."""
        return self.username, self.display_name or "", *(self.email or "").split("@")

    @property
    def state(self) -> State:
        """What has become of it, in one word."""
        if self.deleted:
            return "deleted"
        if self.pending:
            return "pending"
        return "disabled" if self.disabled else "active"


class More(TypedDict, total=False):
    """What may be said of a new user beside the name and the password."""

    zone: str
    role: Role
    display_name: str | None
    email: str | None
    email_key: str | None
    email_verified_at: dt.datetime | None
    disabled_at: dt.datetime | None
    pending_at: dt.datetime | None
    wanted_name: str | None
    pending_note: str | None


def add(
    username: str,
    password: str,
    board: str = "",
    *,
    any_password: bool = False,
    **more: Unpack[More],
) -> Account:
    """Make a user; raise Invalid for a bad name or password, Conflict for one like another.

    `board` is the board's own name; `any_password` is for the demo.
    """
    name = names.clean(username, board)
    if not any_password:
        check_new_password(password, name, board)
    password_hash = tokens.hash_password(password)
    with db.write():
        return insert(name, password_hash, **more)


def insert(name: str, password_hash: str, **more: Unpack[More]) -> Account:
    """Make a user of clean names in the transaction of whoever asks.

    Raises Conflict for a username like another, Invalid for such a name to be shown.
    """
    shown = more.get("display_name") or None
    if taken := names.alike(name):
        raise _taken(name, taken)
    if shown and (taken := names.alike(shown)):
        raise names.taken(taken)
    made = (
        User.insert(
            username=name,
            username_key=name_key(name),
            name_skeleton=lookalikes.skeleton(name),
            password_hash=password_hash,
            created_at=clock.now(),
            **{"zone": "UTC", **more, **names.shown_as(shown if shown != name else None)},
        )
        .on_conflict_ignore()
        .returning(User)
        .execute()
    )
    for row in made:
        first_room.catch_up()
        return Account.of(row)
    raise _taken(name, name)  # at the same moment


def find(username: str) -> Account | None:
    """Return the account of that name, compared without case, or None."""
    with db.read():
        row = User.get_or_none(User.username_key == name_key(username))
    return Account.of(row) if row else None


def find_all(usernames: Iterable[str]) -> dict[str, Account]:
    """Return the accounts of those names by name as it is compared, all in one read."""
    with db.read():
        rows = list(User.select().where(User.username_key << set(map(name_key, usernames))))
    return {row.username_key: Account.of(row) for row in rows}


def waiting(username: str) -> str | None:
    """Return the password's hash of the newest who waits to be let in under a name.

    Where others wait alone it is `tokens.NO_PASSWORD`, and None where nobody does.
    """
    key = name_key(username)
    with db.read():
        rows = User.select().where(User.pending_at.is_null(False), User.deleted_at.is_null())
        found = list(rows.order_by(User.id.desc()))
    for row in found:
        if key in {row.username_key, name_key(row.wanted_name or "")}:
            return row.password_hash
    return tokens.NO_PASSWORD if found else None


def get(user_id: int) -> Account:
    """Return the account; raise NotFound."""
    with db.read():
        row = User.get_or_none(User.id == user_id)
    if row is None:
        raise NotFound
    return Account.of(row)


def owns_bots(user_id: int) -> bool:
    """Say whether somebody has a bot."""
    with db.read():
        return Bot.select().where(Bot.owner == user_id).exists()


def everyone() -> list[Account]:
    """Return all accounts by name."""
    with db.read():
        return [Account.of(row) for row in User.select().order_by(User.username_key)]


def reset_password(
    user_id: int, password: str, board: str = "", by: Actor = audit.OPERATOR
) -> None:
    """Set the password without knowing the old one; raise Invalid, or Conflict for a bot."""
    account = get(user_id)
    name = account.username
    if account.role not in PEOPLE:
        raise Conflict(f"{name} is a bot: it has no password.")
    check_new_password(password, *account.words, board)
    new_hash = tokens.hash_password(password)
    with db.write():
        _lock(user_id)
        audit.note(by, "password.changed", Someone(user_id, name))
        User.update(password_hash=new_hash).where(User.id == user_id).execute()
        sessions.end_each(user_id)
        api_tokens.revoke_each(by, Someone(user_id, name))


def keep_zone(user_id: int, zone: str) -> None:
    """Remember the zone for the user's next sign-in."""
    with db.write():
        User.update(zone=zone).where(User.id == user_id).execute()


def check_new_password(password: str, *words: str) -> None:
    """Raise Invalid if the password can't be a new one of whom `words` tell.

    Takes up to half a second: never call it on the event loop.
    """
    fault = passwords.fault(password, words)
    if fault:
        raise Invalid(new_password=fault)


def _taken(name: str, by: str) -> Conflict:
    looks = "" if name_key(name) == name_key(by) else f", which looks like {name}"
    return Conflict(f"There is a user named {by} already{looks}.")


def _lock(user_id: int) -> None:
    # Sign-ins take the same lock, so none can slip in with the old password.
    if not db.locked(User.select(User.id).where(User.id == user_id)).exists():
        raise NotFound
