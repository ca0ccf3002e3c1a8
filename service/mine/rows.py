"""What is somebody's, as rows of JSON: nothing secret, and of others only what they did to one."""

import json
from collections.abc import Iterator
from typing import Any

from service.access import devices, second, visible
from service.access.begun import begun_by
from service.access.identity import Identity
from service.base import clock
from service.data import db
from service.data.tables import (
    ApiToken,
    AuditEntry,
    Bot,
    Link,
    Mention,
    Message,
    Passkey,
    ProvidedIdentity,
    Reaction,
    Room,
    Session,
    User,
)
from service.rooms import rooms as inside

PAGE = 500  # rows in memory at once
Row = dict[str, Any]


def profile(me: Identity) -> Iterator[Row]:
    """Yield the user's own row."""
    with db.read():
        row = User.get_by_id(me.user_id)
    yield {
        "id": row.id,
        "username": row.username,
        "display_name": row.display_name,
        "role": row.role,
        "email": row.email,
        "email_verified_at": _moment(row.email_verified_at),
        "time_zone": row.zone,
        "theme": row.theme,
        "hours": row.hours,
        "newest_first": row.newest_first,
        "created_at": _moment(row.created_at),
    }


def reactions(me: Identity) -> Iterator[Row]:
    """Yield the user's reactions."""
    columns = Message.id, Message.number, Room.slug, Reaction.id, Reaction.emoji
    query = (
        visible.messages(me, *columns, Reaction.reacted_at)
        .join(Room, on=Message.room)
        .switch()
        .join(Reaction, on=Reaction.message == Message.id, attr="reaction")
        .where(Reaction.user == me.user_id)
    )
    last = 0
    while page := _read(query.where(Reaction.id > last), Reaction.id):
        for row in page:
            yield {
                "room": row.room.slug,
                "id": row.number,
                "emoji": row.reaction.emoji,
                "reacted_at": _moment(row.reaction.reacted_at),
            }
        last = page[-1].reaction.id


def mentions(me: Identity) -> Iterator[Row]:
    """Yield where the user is called, in rooms that they see, without what others wrote there."""
    columns = Message.id, Message.number, Room.slug, Mention.id
    query = (
        visible.messages(me, *columns)
        .join(Room, on=Message.room)
        .switch()
        .join(Mention, on=Mention.message == Message.id, attr="mention")
        .where(Mention.user == me.user_id, Message.deleted_at.is_null())
    )
    for row in _paged(query, Message.id):
        yield {"room": row.room.slug, "id": row.number}


def pins(me: Identity) -> Iterator[Row]:
    """Yield the messages that the user has pinned."""
    columns = Message.id, Message.number, Message.pinned_at, Room.slug
    query = visible.messages(me, *columns).join(Room, on=Message.room)
    there = Message.pinned_by == me.user_id, Message.deleted_at.is_null()
    for row in _paged(query.where(*there, Message.pinned_at.is_null(False)), Message.id):
        yield {"room": row.room.slug, "id": row.number, "pinned_at": _moment(row.pinned_at)}


def messages(me: Identity) -> Iterator[Row]:
    """Yield the messages the user has written; what was deleted has no text to give back."""
    query = (
        visible.messages(
            me,
            *(Message.id, Message.number, Message.text, Message.timestamp, Message.edited_at),
            *(Room.slug, Room.name, visible.parent(me)),
        )
        .join(Room, on=Message.room)
        .where(Message.author == me.user_id, Message.deleted_at.is_null(), Message.kind == "text")
    )
    for row in _paged(query, Message.id):
        yield {
            "room": row.room.slug,
            "room_name": row.room.name,
            "id": row.number,
            "parent": row.parent_number,
            "timestamp": _moment(row.timestamp),
            "edited_at": _moment(row.edited_at),
            "text": row.text,
        }


def rooms(me: Identity) -> Iterator[Row]:
    """Yield the rooms and direct messages that the user is in; of others in those, their names."""
    for room in inside.mine(me):
        yield {
            "slug": room.place.slug,
            "kind": room.kind,
            "name": room.name,
            "topic": room.topic,
            "made_by_me": room.created_by == me.user_id,
            "joined_at": _moment(room.joined_at),
            "level": room.level,
            "archived": room.archived,
        }


def sessions(me: Identity) -> Iterator[Row]:
    """Yield the user's sessions, those that have ended too as long as they are kept."""
    for row in _paged(Session.select().where(*begun_by(me.user_id)), Session.id):
        yield {
            "device": devices.name(row.device),
            "user_agent": row.device,
            "address": row.address,
            "time_zone": row.zone,
            "created_at": _moment(row.created_at),
            "used_at": _moment(row.used_at),
            "expires_at": _moment(row.expires_at),
            "ended_at": _moment(row.ended_at),
        }


def second_factors(me: Identity) -> Iterator[Row]:
    """Yield what the user is asked for beside the password; nothing that answers it."""
    found = second.state(me.user_id)
    if found.set_up_at is not None:
        yield {
            "kind": "app",
            "set_up_at": _moment(found.set_up_at),
            "recovery_codes_left": found.codes_left,
        }


def identities(me: Identity) -> Iterator[Row]:
    """Yield who the user is at providers."""
    query = ProvidedIdentity.select().where(ProvidedIdentity.user == me.user_id)
    for row in _paged(query, ProvidedIdentity.id):
        yield {
            "issuer": row.issuer,
            "subject": row.subject,
            "name": row.name,
            "created_at": _moment(row.created_at),
            "used_at": _moment(row.used_at),
        }


def passkeys(me: Identity) -> Iterator[Row]:
    """Yield the user's passkeys, without the keys."""
    for row in _paged(Passkey.select().where(Passkey.user == me.user_id), Passkey.id):
        yield {
            "name": row.name,
            "host": row.rp_id,
            "backed_up": row.backed_up,
            "created_at": _moment(row.created_at),
            "used_at": _moment(row.used_at),
        }


def invitations(me: Identity) -> Iterator[Row]:
    """Yield the invitations the user has made, without their codes."""
    query = Link.select().where(Link.created_by == me.user_id, Link.purpose == "invite")
    for row in _paged(query, Link.id):
        yield {
            "role": row.role,
            "note": row.note,
            "created_at": _moment(row.created_at),
            "expires_at": _moment(row.expires_at),
            "max_uses": row.max_uses,
            "uses": row.uses,
            "revoked_at": _moment(row.revoked_at),
        }


def tokens(me: Identity) -> Iterator[Row]:
    """Yield the user's tokens by how they begin."""
    for row in _paged(ApiToken.select().where(ApiToken.user == me.user_id), ApiToken.id):
        yield {
            "name": row.name,
            "prefix": row.prefix,
            "scopes": row.scopes.split(),
            "created_at": _moment(row.created_at),
            "expires_at": _moment(row.expires_at),
            "used_at": _moment(row.used_at),
            "revoked_at": _moment(row.revoked_at),
        }


def bots(me: Identity) -> Iterator[Row]:
    """Yield the bots of the user."""
    query = Bot.select(Bot, User).join(User, on=Bot.user).where(Bot.owner == me.user_id)
    for row in _paged(query, Bot.user):
        yield {
            "username": row.user.username,
            "display_name": row.user.display_name,
            "since": _moment(row.created_at),
        }


def audit(me: Identity) -> Iterator[Row]:
    """Yield what the user has done, and what others did to them; others' addresses are theirs."""
    mine, done = me.user_id, AuditEntry.actor_id == me.user_id
    for row in _paged(
        AuditEntry.select().where(done | (AuditEntry.target_id == mine)), AuditEntry.id
    ):
        yield {
            "at": _moment(row.at),
            "by": row.actor,
            "action": row.action,
            "on": row.target,
            "address": row.address if row.actor_id == mine else "",
            "detail": json.loads(row.detail) if row.detail else {},
        }


def _paged(query: Any, key: Any) -> Iterator[Any]:
    """Yield the rows in the order of their key; no connection is held between two pages."""
    page = _read(query, key)
    while page:
        yield from page
        page = _read(query.where(key > getattr(page[-1], key.name)), key)


def _read(query: Any, key: Any) -> list[Any]:
    with db.read():
        return list(query.order_by(key).limit(PAGE))


def _moment(moment: Any) -> str | None:
    return moment and clock.utc(moment)
