"""Messages as they are written: post, edit, delete one's own; remove another's."""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable
from contextlib import suppress

from peewee import IntegrityError

from service.access import audit, standing, visible
from service.access.visible import OPERATOR, Member, User
from service.base import characters, clock, words
from service.base.errors import Conflict, Invalid, NotSignedIn
from service.data import db, rules, tables
from service.data.tables import BOARD, Message
from service.messages import changing, mentions, posts
from service.messages.messages import WRITTEN, MessageView, is_numbered, rows, view_of, views_of
from service.rooms.places import BOARD_PLACE, Place
from service.web import markup

MAX_TEXT = rules.MAX_TEXT  # code points, after line ends became LF
CLIENT_KEY = re.compile(rules.CLIENT_KEY)
AT_ONCE = 50  # messages deleted in one transaction, so that others find their turn


def new_client_key() -> str:
    """Return a key for one form: a repeated POST with it gives the first one's result."""
    return secrets.token_urlsafe(16)


def post(
    author_id: int,
    text: str,
    client_key: str = "",
    timestamp: dt.datetime | None = None,
    place: Place = BOARD_PLACE,
) -> MessageView:
    """Write a message in no session; else as `draft` and `write`."""
    author = Member(author_id)
    return write(author, draft(author, text, client_key, timestamp, place))


def draft(
    me: User,
    text: str,
    client_key: str = "",
    timestamp: dt.datetime | None = None,
    place: Place = BOARD_PLACE,
) -> posts.Post:
    """Return what is stored of a new message; raise Invalid."""
    text = clean_text(text)
    key = _clean_key(client_key) or new_client_key()
    digest = hashlib.sha256(text.encode()).hexdigest()
    timestamp = timestamp or clock.now()
    found_by = words.indexed(text, me.user_id, timestamp)
    return posts.Post(
        place, me.user_id, text, timestamp, found_by, key, digest, me.session_id or None
    )


def write(me: User, new: posts.Post) -> MessageView:
    """Write a message and its event, or return what the same POST wrote before.

    Raises Conflict if the room is archived, or if the key came with another text or to another room
    or its message was deleted; NotFound if its author does not see the room, Forbidden if they may
    not post, and NotSignedIn if the session has ended.
    """
    with suppress(IntegrityError):
        if written := store(new):
            return posted(new, written, _called(written) if calls_somebody(new) else ())
    return posted_before(me, new)


def store(new: posts.Post) -> posts.Written | None:
    """Write a message, its event and whom it calls; None if it may not be written, or was before.

    Raises peewee.IntegrityError if the same is written at the same moment.
    """
    calls = markup.calls(new.text)
    return _write_calling(new, calls) if calls else posts.write(new)


def calls_somebody(new: posts.Post) -> bool:
    """Say whether a message may call somebody: then it is not written together with others."""
    return "@" in new.text


def _write_calling(new: posts.Post, calls: list[str]) -> posts.Written | None:
    with db.write():
        users = mentions.resolve(new.author, new.place.id, calls)
        written = posts.write(new)
        if written:
            mentions.settle(written.id, new.place.id, written.number, users)
        return written


def _called(written: posts.Written) -> mentions.Called:
    with db.read():
        return mentions.of([written.id]).get(written.id, ())


def posted(new: posts.Post, written: posts.Written, called: mentions.Called = ()) -> MessageView:
    """Return a message as it was written."""
    return MessageView(
        written.number,
        new.text,
        new.timestamp,
        new.author,
        written.author,
        written.display_name,
        bool(written.bot),  # on SQLite a number
        edited=False,
        deleted=False,
        seq=written.version,
        place=new.place,
        called=called,
    )


def posted_before(me: User, new: posts.Post) -> MessageView:
    """Return what the same POST wrote; raise Conflict, or NotSignedIn if there is no such thing."""
    is_same = Message.author == me.user_id, Message.client_key == new.key
    with db.read():
        standing.require(me, "post")
        row = rows(me, Message.posted_digest).where(*is_same).get_or_none()
        if row is None:
            changing.require_room(me, new.place.id, open_to="post")
            if visible.messages(OPERATOR).where(*is_same).exists():  # in a room they have left
                raise _sent_elsewhere("room")
            raise NotSignedIn
        found = views_of(me, [row])[row.id]
    if row.deleted_at:
        what = "removed by a moderator" if row.removed_at else "deleted"
        raise Conflict(f"What this form sent was {what}. Send again to post this text.")
    if (row.room_id, row.parent_id) != (new.place.id, new.parent):
        raise _sent_elsewhere("room" if row.room_id != new.place.id else "thread")
    if row.posted_digest != new.digest:
        raise Conflict(
            "This form has sent another text already. Look whether it arrived, then send again."
        )
    return found


def _sent_elsewhere(where: str) -> Conflict:
    return Conflict(
        f"This form has sent this to another {where} already. Send again to post it here, too."
    )


def edit(
    me: User, number: int, text: str, seen_version: int | None = None, room: int = BOARD
) -> MessageView:
    """Change the text of one's own message; the same text again changes nothing.

    Raises Invalid, Forbidden, NotFound, Conflict if its text changed after `seen_version`, and
    NotSignedIn.
    """
    text = clean_text(text)
    calls = markup.calls(text)
    with changing.transaction(me, "post", room):
        row = changing.own(me, room, number)
        if row.text != text:
            if seen_version is not None and changing.edited_since(me, row, seen_version):
                raise Conflict(
                    "You changed this message from somewhere else meanwhile. "
                    "Save again to replace that with this text."
                )
            found_by = words.indexed(text, me.user_id, row.timestamp)
            users = mentions.resolve(me.user_id, room, calls)
            mentions.settle(row.id, room, number, users)  # before the counter, as in changing.empty
            changing.change("edited", row, text=text, words=found_by, edited_at=clock.now())
            changing.require_room(me, room, open_to="edit")
        return view_of(me, row.id)


def delete(me: User, number: int, room: int = BOARD) -> MessageView:
    """Empty one's own message for good, keeping its row; once deleted it stays so.

    Raises Forbidden, NotFound and NotSignedIn.
    """
    with changing.transaction(me, "post", room):
        row = changing.own(me, room, number, deleted_too=True)
        if row.deleted_at is None:
            changing.empty(row)
        return view_of(me, row.id)


def remove(me: User, number: int, by: audit.Actor, room: int = BOARD) -> MessageView:
    """Empty another's message for good, as a moderator; its place stays, and says so.

    Raises Forbidden, NotFound and NotSignedIn.
    """
    with changing.transaction(me, "moderate", room):
        row = changing.others(me, room, number)
        if row.removed_at is None:
            author = tables.User.get_by_id(row.author_id)
            whose = audit.Someone(author.id, author.username)
            audit.note(by, "message.removed", whose, room=row.room.slug, id=number)
            changing.empty(row, removed_at=clock.now())
        return view_of(me, row.id)


def delete_some(author_id: int, after: int = 0) -> int | None:
    """Delete messages of somebody who is gone, of those after an id; return the last one's id.

    None if there are no more, 0 if another process has those. They are as if their author had
    deleted them.
    """
    theirs = Message.author == author_id, Message.deleted_at.is_null()
    with db.write():
        left = visible.messages(OPERATOR).where(*theirs)
        some = left.where(Message.id > after).order_by(Message.id).limit(AT_ONCE)
        rows = changing.locked_with_roots(some)
        if rows:
            changing.empty(*rows)
            return rows[-1].id
        return 0 if left.exists() else None


def clean_text(text: str) -> str:
    """Return the text without control characters but LF and tab; raise Invalid.

    They are pasted unseen, from terminals and word processors, so nobody is told of them.
    """
    text = characters.clean(text)
    if not any(map(characters.is_visible, text)):
        raise Invalid(message="Write something first.")
    if len(text) > MAX_TEXT:
        raise Invalid(
            message=f"A message can have {MAX_TEXT} characters; this one has {len(text)}."
        )
    return text


def touch(
    me: User, number: int, room: int, kind: str, verb: str, act: Callable[[Message], bool]
) -> MessageView:
    """Change what nouns above show on a message that is there: `act` says whether it did.

    `kind` is that of the event, and `verb` says what nobody can do in an archived room. Raises
    NotFound, Forbidden, Conflict and NotSignedIn.
    """
    with changing.transaction(me, "post", room):
        row = changing.locked(
            me, (*is_numbered(room, number), WRITTEN, Message.deleted_at.is_null())
        )
        if act(row):
            changing.change(kind, row)
            changing.require_room(me, room, open_to=verb)
        return view_of(me, row.id)


def _clean_key(client_key: str) -> str:
    if client_key and not CLIENT_KEY.fullmatch(client_key):
        most = rules.MAX_CLIENT_KEY
        raise Invalid(client_key=f"A client key has 1 to {most} letters, digits, - and _.")
    return client_key
