"""Whom a message calls: read from its text as it is shown, and resolved when it is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from peewee import Case, ModelSelect

from service.access import visible
from service.access.roles import may
from service.base.words import name_key
from service.data import db
from service.data.tables import Membership, Mention, User
from service.rooms.rooms import RoomView
from service.web import markup
from service.web.markup import Names

ROOM = "room"  # calls everybody who has joined it
MOST = 50  # calls that are looked at in one message
AT_ONCE = 500  # rows
OFFERED = 8  # people, of those whose names begin as one types

Called = tuple[tuple[int, str], ...]  # users' ids and names


def resolve(author: int, room: int, calls: list[str]) -> list[int]:
    """Return the ids of the users whom the calls of a text are for: those who may see the room.

    In the transaction that writes it, before that asks for an event's number: they stay as they
    are until it ends.
    """
    tails = calls[:MOST]
    keys = {name_key(tail[:end]) for tail in tails for end in markup.ends(tail)}
    if not keys:
        return []
    members = Membership.select(Membership.user).where(Membership.room == room)
    wanted = (User.username_key << keys) | (User.id == author)
    if ROOM in keys and _may_call_all(author):
        wanted |= User.id << members
    kept = list(_kept(wanted))  # all at once: whoever changes several accounts has this order, too
    found = {row.username_key: row.id for row in kept if row.username_key in keys}
    typed = _typed(tails, frozenset({*found, ROOM}))
    ids = {found[name] for name in typed if name in found}
    if ROOM in typed and ROOM not in found and _may_call_all(author):
        ids |= {row.id for row in kept} & {row.user_id for row in members}
    return sorted(visible.readers(room, ids - {author}))


def beginning(me: visible.User, room: RoomView, typed: str) -> list[User]:
    """Return some people whom `me` can call in a room, whose names begin so; those named so first.

    Of a shown name, each word may begin so.
    """
    begins = name_key(typed)
    named = User.username_key.startswith(begins)
    shown = User.display_key.startswith(begins) | User.display_key.contains(f" {begins}")
    people = User.select(User.id, User.username, User.display_name).where(
        named | shown, User.disabled_at.is_null(), User.id != me.user_id
    )
    if room.kind != "open":
        members = Membership.select(Membership.user).where(Membership.room == room.place.id)
        people = people.where(User.id << members)
    first = Case(None, [(named, 0)], 1)
    with db.read():
        return list(people.order_by(first, User.username_key).limit(OFFERED))


def settle(message: int, room: int, number: int, users: Collection[int]) -> None:
    """Note whom a message calls now; in the transaction that writes it."""
    those = Mention.message == message
    known = {row.user_id for row in Mention.select(Mention.user).where(those)}
    if gone := known.difference(users):
        Mention.delete().where(those, Mention.user << list(gone)).execute()
    new = [
        {"user": user, "message": message, "room": room, "number": number}
        for user in users
        if user not in known
    ]
    for first in range(0, len(new), AT_ONCE):
        Mention.insert_many(new[first : first + AT_ONCE]).execute()


def of(ids: Iterable[int]) -> dict[int, Called]:
    """Return whom some messages call, by the messages' ids; in a reader's transaction."""
    if not (wanted := list(ids)):
        return {}
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    columns = Mention.message, User.id, User.username
    rows = Mention.select(*columns).join(User, on=Mention.user).where(Mention.message << wanted)
    for row in rows.order_by(Mention.message, Mention.user):
        found[row.message_id].append((row.user.id, row.user.username))
    return {message: tuple(called) for message, called in found.items()}


def names(text: str, called: Called) -> Names:
    """Return the names, as they are compared, that a text shows as calls."""
    if not called:
        return markup.NOBODY
    keys = frozenset(name_key(username) for _, username in called)
    typed = _typed(markup.calls(text), keys | {ROOM})
    are_all = len(typed - {ROOM}) < len(keys - {ROOM})  # others are called than are named
    return typed if are_all or ROOM in keys else typed - {ROOM}


def _typed(tails: Iterable[str], keys: Names) -> Names:
    found = (markup.called(tail, keys) for tail in tails)
    return frozenset(name_key(name) for name in found if name)


def _kept(condition: Any) -> "ModelSelect[User]":
    """Return a query of users who stay as they are until the transaction ends."""
    query = User.select(User.id, User.username_key).where(condition, User.disabled_at.is_null())
    return db.kept(query.order_by(User.id))


def _may_call_all(author: int) -> bool:
    return may(User.get_by_id(author).role, "call")
