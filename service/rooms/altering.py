"""What becomes of a room: its name and topic; private, archived, deleted."""

from peewee import IntegrityError

from service.access.audit import Actor
from service.access.visible import User
from service.base import clock
from service.base.words import name_key
from service.data.tables import Membership
from service.rooms import naming
from service.rooms.changing import Changing, changing


def rename(me: User, by: Actor, slug: str, name: str) -> None:
    """Give a room another name; the same changes nothing.

    Raises Invalid, also for the name of another open room, and as `changing` and its `require`.
    """
    name = naming.clean_name(name)
    try:
        with changing(me, by, slug) as one:
            one.require("name")
            if name != one.row.name:
                _rename(one, name)
    except IntegrityError:  # at the same moment
        raise naming.taken(name) from None


def _rename(one: Changing, name: str) -> None:
    was = one.row.name
    is_open = one.row.kind == "open"
    if is_open:
        naming.require_free(name, but=one.row.id)
    one.change(name=name, name_key=name_key(name))
    if is_open:
        one.note("room.renamed", now=name)
    else:
        one.note("room.renamed")
    one.tell(f"renamed this room from “{was}” to “{name}”")
    one.changed()


def set_topic(me: User, by: Actor, slug: str, topic: str) -> None:
    """Say what a room is about, or nothing; raises as `rename`."""
    topic = naming.clean_topic(topic)
    with changing(me, by, slug) as one:
        one.require("topic")
        if topic != one.row.topic:
            one.change(topic=topic)
            one.tell(f"set the topic: {topic}" if topic else "took the topic away")
            one.changed()


def make_private(me: User, by: Actor, slug: str) -> None:
    """Let nobody but its members see an open room any more; for good. Raises as above."""
    with changing(me, by, slug) as one:
        one.require("private")
        if one.row.kind == "open":
            one.change(kind="private")
            one.note("room.private")
            one.tell("made this room private")
            one.changed()


def archive(me: User, by: Actor, slug: str) -> None:
    """Let a room be read only; raises as above."""
    with changing(me, by, slug) as one:
        one.require("archive")
        if one.row.archived_at is None:
            one.change(archived_at=clock.now())
            one.note("room.archived")
            one.tell("archived this room")
            one.changed()


def bring_back(me: User, by: Actor, slug: str) -> None:
    """Let an archived room be written in again; raises as above."""
    with changing(me, by, slug) as one:
        one.require("archive")
        if one.row.archived_at is not None:
            one.change(archived_at=None)
            one.note("room.brought_back")
            one.tell("brought this room back")
            one.changed()


def delete(me: User, by: Actor, slug: str) -> None:
    """Let nobody see a room any more; what was written there is emptied after. Raises as above."""
    with changing(me, by, slug) as one:
        one.require("delete")
        hide(one)


def hide(one: Changing) -> None:
    """Delete a room that is being changed; the pages of who is in it are told one by one."""
    one.change(deleted_at=clock.now())
    one.note("room.deleted")
    inside = Membership.select(Membership.user).where(Membership.room == one.row.id)
    one.moved(*sorted(row.user_id for row in inside))  # nobody reads a room that is gone
    one.changed()
