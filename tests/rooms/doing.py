"""What is done in rooms by people of the tests, and what is seen of it."""

from service.access.audit import Actor, Someone
from service.access.visible import OPERATOR, Member, messages
from service.accounts.accounts import Account
from service.data import db
from service.data.tables import AuditEntry, Event, Message, Room
from service.rooms import making, memberships
from service.rooms.rooms import RoomView


def me(account: Account) -> Member:
    return Member(account.id)


def by(account: Account) -> Actor:
    return Actor(Someone(account.id, account.username))


def made(account: Account, name: str, kind: str = "open", *others: Account) -> str:
    """Make a room with some others in it, and return its slug."""
    slug = making.make(me(account), by(account), name, kind).place.slug
    if others:
        memberships.add(me(account), by(account), slug, [each.id for each in others])
    return slug


def direct(account: Account, *others: Account) -> RoomView:
    return making.direct(me(account), [each.id for each in others])


def told(slug: str) -> list[str]:
    """Return what the board itself has said in a room, oldest first."""
    with db.read():
        rows = messages(OPERATOR).join(Room, on=Message.room).where(Room.slug == slug)
        return [row.text for row in rows.where(Message.kind == "system").order_by(Message.number)]


def events(slug: str) -> list[tuple[str, int | None]]:
    """Return the kinds of what happened in a room, and whom alone it concerns."""
    with db.read():
        rows = Event.select().join(Room, on=Event.room == Room.id).where(Room.slug == slug)
        return [(row.kind, row.user_id) for row in rows.order_by(Event.seq)]


def audited() -> list[str]:
    """Return what the audit log has, oldest first."""
    with db.read():
        return [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
