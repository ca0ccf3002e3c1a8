"""What is left of somebody who was deleted: a row without a name, and texts if they are kept."""

from collections.abc import Iterator
from typing import Any

from service.access import names, sessions, tokens
from service.base import clock, lookalikes
from service.base.words import name_key
from service.data import db
from service.data.tables import (
    ApiToken,
    AuditEntry,
    Bot,
    KnownNetwork,
    Link,
    Membership,
    Mention,
    Passkey,
    ProvidedIdentity,
    Reaction,
    RecoveryCode,
    SecondFactor,
    Session,
    User,
)
from service.messages import writing
from service.rooms import memberships

# Rows that go with their user.
THEIRS: tuple[Any, ...] = (
    *(KnownNetwork.user, ProvidedIdentity.user, Link.user, Link.created_by),
    *(ApiToken.user, SecondFactor.user, RecoveryCode.user, Passkey.user),
    *(Bot.user, Bot.owner, Membership.user, Mention.user, Reaction.user),
)
# What the audit log says of these tells nothing of who somebody was.
NAMELESS = ("user.role", "user.deleted", "user.refused")


def forget(row: User) -> list[int]:
    """Take from somebody's row, and from all that is theirs, what says who they were.

    In a transaction that has locked it. Sessions are kept, emptied: by them others know the end.
    Returns the rooms that are to be told, once nobody is waited for any more.
    """
    name = names.of_the_deleted(row.id)
    now = clock.now()
    User.update(
        username=name,
        username_key=name_key(name),
        name_skeleton=lookalikes.skeleton(name),
        password_hash=tokens.NO_PASSWORD,
        zone="UTC",
        theme="system",
        hours="",
        newest_first=False,
        # A post that is under way finds that they may not. What a bot wrote stays a bot's.
        role=row.role if row.role == "bot" else "guest",
        **names.shown_as(None),
        email=None,
        email_key=None,
        email_verified_at=None,
        pending_at=None,
        wanted_name=None,
        pending_note=None,
        role_from=None,
        disabled_at=now,
        deleted_at=now,
    ).where(User.id == row.id).execute()
    sessions.end_each(row.id)
    emptied = {"device": "", "address": None, "zone": "UTC", "idp_sid": None}
    Session.update(**emptied).where(Session.user == row.id).execute()
    rooms = memberships.forget(row.id)  # first: what nobody else is in goes, too
    for column in THEIRS:
        column.model.delete().where(column == row.id).execute()
    _rename(row.id, name)
    return rooms


def _rename(user_id: int, name: str) -> None:
    AuditEntry.update(actor=name).where(AuditEntry.actor_id == user_id).execute()
    about = AuditEntry.target_id == user_id
    AuditEntry.update(target=name).where(about).execute()
    AuditEntry.update(detail="").where(about, ~(AuditEntry.action << NAMELESS)).execute()


def mark(user_id: int) -> None:
    """Note that somebody's texts are to be emptied; in a transaction."""
    User.update(emptying_at=clock.now()).where(User.id == user_id).execute()


def batches() -> Iterator[bool]:
    """Empty the texts of all who wanted that, as far as it has not been done, some at each step."""
    while (user_id := _marked()) is not None:
        last: int | None = 0
        while (last := writing.delete_some(user_id, last)) is not None:
            yield True
        with db.write():
            User.update(emptying_at=None).where(User.id == user_id).execute()


def _marked() -> int | None:
    with db.read():
        row = User.select(User.id).where(User.emptying_at.is_null(False)).order_by(User.id).first()
    return row.id if row else None
