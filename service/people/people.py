"""What is done to people: roles, who may sign in, whose sessions end, who is deleted.

Each asks in its own transaction whether it may be done. Whoever does it is an `audit.Actor`; one
without an id is the board itself: a command of its operator, for instance.
"""

from typing import Literal

from service.access import (
    api_tokens,
    audit,
    ended,
    names,
    roles,
    second,
    sessions,
    tokens,
)
from service.access.audit import Actor, Someone
from service.access.roles import Role
from service.accounts import accounts, founding
from service.accounts.accounts import Account
from service.base import clock, lookalikes
from service.base.errors import Conflict, Invalid
from service.base.words import name_key
from service.data import db, events
from service.data.tables import EVERYWHERE, Bot, User
from service.people import forgetting
from service.people.changing import Changing, changing
from service.rooms import memberships

Texts = Literal["keep", "empty"]
TEXTS: dict[str, Texts] = {"keep": "keep", "empty": "empty"}


def add(
    by: Actor, username: str, password: str, board: str = "", role: Role | None = None
) -> Account:
    """Make a user, of no given role an admin if it is the first, else a member.

    For the operator alone: others come by a link, or register. Raises as `accounts.add`.
    """
    name = names.clean(username, board)
    accounts.check_new_password(password, name, board)
    password_hash = tokens.hash_password(password)
    with db.write():
        account = accounts.insert(name, password_hash, role=role or _next_role())
        audit.note(by, "user.added", Someone(account.id, name), role=account.role)
    return account


def _next_role() -> Role:
    try:
        founding.claim()
    except founding.Founded:
        return "member"
    return "admin"


def set_role(by: Actor, user_id: int, role: str) -> Account:
    """Give somebody a role.

    Raises Invalid for none that a person can have, Conflict for the last admin, Forbidden, NotFound
    and NotSignedIn.
    """
    if role not in roles.PEOPLE:
        raise Invalid(role=f"Choose a role: {', '.join(people_roles())}.")
    with changing(by, user_id) as one:
        one.require("manage")
        if one.row.role == "bot":
            raise Conflict("A bot has no other role.")
        if one.row.role == role:
            return Account.of(one.row)
        if role != "admin":
            one.leave_an_admin()
        one.write("user.role", {"was": one.row.role, "role": role}, role=role)
        events.append(EVERYWHERE, "user", user_id)
        return Account.of(User.get_by_id(user_id))


def people_roles() -> list[Role]:
    """Return the roles that people can have, those who may most first."""
    return [role for role in roles.ROLES if role in roles.PEOPLE]


def disable(by: Actor, user_id: int) -> None:
    """Keep somebody from signing in, and end their sessions; raises as `set_role`."""
    with changing(by, user_id) as one:
        one.require("admit")
        one.leave_an_admin()
        goes = one.row.disabled_at is None
        if goes:
            one.write("user.disabled", disabled_at=clock.now())
        sessions.end_each(user_id)
        if goes:
            memberships.tell(memberships.of([user_id]))
    ended.sessions.refresh()


def enable(by: Actor, user_id: int) -> None:
    """Let somebody sign in again, or as one who waits, for the first time; raises as `approve`.

    A bot needs an owner first: Conflict.
    """
    with changing(by, user_id) as one:
        one.require("admit")
        if one.row.pending_at is not None:
            _let_in(one)
        elif one.row.disabled_at is not None:
            if one.row.role == "bot" and not Bot.select().where(Bot.user == user_id).exists():
                raise Conflict(f"{one.row.username} has no owner. Give it one first.")
            one.write("user.enabled", disabled_at=None)
            memberships.tell(memberships.of([user_id]))


def approve(by: Actor, user_id: int, username: str = "", board: str = "") -> Account:
    """Let in somebody who has registered, under the name they wanted or another one.

    Raises Conflict if they were kept out since, Invalid if the name is none, or somebody's.
    """
    with changing(by, user_id) as one:
        one.require("admit")
        if one.row.pending_at is None and one.row.disabled_at is not None:
            raise Conflict(f"{one.row.username} does not wait to be let in any more.")
        if one.row.pending_at is not None:
            _let_in(one, username, board)
        return Account.of(User.get_by_id(user_id))


def _let_in(one: Changing, username: str = "", board: str = "") -> None:
    """Give somebody who waits the name that they go on with, and let them sign in."""
    name = names.clean(username.strip() or one.row.wanted_name or one.row.username, board)
    if taken := names.alike(name, but=one.row.id):
        raise Invalid(username=f"There is somebody named {taken} already. Choose another name.")
    one.row.username = name
    one.write(
        "user.approved",
        username=name,
        username_key=name_key(name),
        name_skeleton=lookalikes.skeleton(name),
        disabled_at=None,
        pending_at=None,
        wanted_name=None,
        pending_note=None,
    )


def end_sessions(by: Actor, user_id: int, session_id: str | None = None) -> None:
    """End somebody's sessions, and revoke their tokens; or end one session.

    Raises NotFound if it is not theirs, and as above.
    """
    with changing(by, user_id) as one:
        one.require("manage")
        audit.note(by, "session.ended", one.who)
        if session_id is None:
            sessions.end_each(user_id)
            api_tokens.revoke_each(by, one.who)
        else:
            sessions.end(user_id, session_id)
    ended.sessions.refresh()


def reset_second(by: Actor, user_id: int) -> None:
    """Take away what somebody is asked for beside the password, and end their sessions.

    For whoever has lost it. Raises Conflict if there is nothing, else as `set_role`, but for the
    last admin.
    """
    with changing(by, user_id) as one:
        one.require("manage")
        if not second.state(user_id).any:
            raise Conflict(f"{one.row.username} has no second factor.")
        audit.note(by, "second.reset", one.who)
        second.remove_all(user_id)
        sessions.end_each(user_id)
    ended.sessions.refresh()


def delete(by: Actor, user_id: int, texts: Texts = "keep") -> None:
    """Delete somebody: what is theirs goes, the row stays under another name.

    People may do it to themselves, admins to all, and who admits to those who wait. Texts that are
    to be emptied are marked, for `emptying` to do it. Done again it does what is left. Raises as
    `set_role`.
    """
    with changing(by, user_id, deleted_too=True) as one:
        waits, rooms = one.row.pending_at is not None, set[int]()
        one.require("account" if one.by_oneself else "admit" if waits else "manage")
        if one.row.deleted_at is None:
            one.leave_an_admin()
            audit.note(by, "user.refused" if waits else "user.deleted", one.who, texts=texts)
            rooms.update(memberships.of(one.keep_out_bots()), forgetting.forget(one.row))
        if texts == "empty":
            forgetting.mark(user_id)
        memberships.tell(sorted(rooms))
        events.append(EVERYWHERE, "user", user_id)
    ended.sessions.refresh()
