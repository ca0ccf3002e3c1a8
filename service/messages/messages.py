"""Messages: post, edit, delete, read a page, read what changed."""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from peewee import IntegrityError, ModelSelect

from service.base import characters, clock, unreadable, words
from service.base.errors import Conflict, Invalid, NotFound, NotSignedIn
from service.data import db, events, rules
from service.data.tables import Message, Session, User
from service.messages import posts
from service.search import search
from service.search.query import Query

MAX_TEXT = rules.MAX_TEXT  # code points, after line ends became LF
PAGE_SIZE = 50
CLIENT_KEY = re.compile(rules.CLIENT_KEY)


@dataclass(frozen=True)
class MessageView:
    """A message as it is now, with its author's name; a deleted one has no text."""

    id: int
    text: str
    timestamp: dt.datetime
    author_id: int
    author: str
    edited: bool
    deleted: bool
    seq: int


@dataclass(frozen=True)
class Page:
    """Messages newest first, the cursor read before them, and where older ones go on."""

    messages: list[MessageView]
    cursor: events.Cursor
    before: int | None


@dataclass(frozen=True)
class Change:
    """That a message changed, and the message as it is now."""

    seq: int
    kind: str
    message: MessageView


@dataclass(frozen=True)
class Changes:
    changes: list[Change]
    cursor: events.Cursor
    resync: bool


def new_client_key() -> str:
    """Return a key for one form: a repeated POST with it gives the first one's result."""
    return secrets.token_urlsafe(16)


def post(
    author_id: int,
    text: str,
    client_key: str = "",
    timestamp: dt.datetime | None = None,
    session_id: str | None = None,
) -> MessageView:
    """Write a message and its event, or return what the same POST wrote before.

    Raises Invalid, Conflict if the key came with another text or its message was deleted, and
    NotSignedIn if the session has ended.
    """
    return write(draft(author_id, text, client_key, timestamp, session_id))


def draft(
    author_id: int,
    text: str,
    client_key: str = "",
    timestamp: dt.datetime | None = None,
    session_id: str | None = None,
) -> posts.Post:
    """Return what is stored of a new message; raise Invalid."""
    text = clean_text(text)
    key = _clean_key(client_key) or new_client_key()
    digest = hashlib.sha256(text.encode()).hexdigest()
    timestamp = timestamp or clock.now()
    found_by = words.indexed(text, author_id, timestamp)
    return posts.Post(author_id, text, timestamp, found_by, key, digest, session_id)


def write(new: posts.Post) -> MessageView:
    """Write a message by itself; else as `post`."""
    with suppress(IntegrityError):
        if written := posts.write(new):
            return posted(new, written)
    return _posted_before(new.author, new.key, new.digest, new.session)


def posted(new: posts.Post, written: posts.Written) -> MessageView:
    """Return a message as it was written."""
    return MessageView(
        written.id,
        new.text,
        new.timestamp,
        new.author,
        written.author,
        edited=False,
        deleted=False,
        seq=written.seq,
    )


def _posted_before(author_id: int, key: str, digest: str, session_id: str | None) -> MessageView:
    """Return what the same POST wrote; raise Conflict, or NotSignedIn if there is no such thing."""
    with db.read():
        row = _rows().where(Message.author == author_id, Message.client_key == key).get_or_none()
        if row is None or (session_id and not _stands(session_id)):
            raise NotSignedIn
    if row.deleted_at:
        raise Conflict("What this form sent was deleted. Send again to post this text.")
    if row.posted_digest != digest:
        raise Conflict(
            "This form has sent another text already. Look whether it arrived, then send again."
        )
    return _view(row)


def edit(
    author_id: int,
    message_id: int,
    text: str,
    seen_seq: int | None = None,
    session_id: str | None = None,
) -> MessageView:
    """Change the text of one's own message; the same text again changes nothing.

    Raises Invalid, NotFound, Conflict if it changed after `seen_seq`, and NotSignedIn.
    """
    text = clean_text(text)
    with _changing(session_id):
        row = _own_row(author_id, message_id)
        if row.text != text:
            if seen_seq is not None and row.seq != seen_seq:
                raise Conflict(
                    "You changed this message from somewhere else meanwhile. "
                    "Save again to replace that with this text."
                )
            found_by = words.indexed(text, author_id, row.timestamp)
            _change("edited", message_id, text=text, words=found_by, edited_at=clock.now())
        return _view(_rows().where(Message.id == message_id).get())


def delete(author_id: int, message_id: int, session_id: str | None = None) -> MessageView:
    """Empty one's own message for good, keeping its row; once deleted it stays so.

    Raises NotFound and NotSignedIn.
    """
    with _changing(session_id):
        row = _own_row(author_id, message_id, deleted_too=True)
        if row.deleted_at is None:
            emptied = dict.fromkeys(("text", "words", "posted_digest"), "")
            _change("deleted", message_id, **emptied, deleted_at=clock.now())
        return _view(_rows().where(Message.id == message_id).get())


def own(author_id: int, message_id: int) -> MessageView:
    """Return one's own message; raise NotFound for a stranger's or a deleted one."""
    with db.read():
        row = _rows().where(*_is_own(author_id, message_id)).get_or_none()
    if row is None:
        raise NotFound
    return _view(row)


def page(before: int | None = None, query: Query | None = None) -> Page:
    """Return the newest PAGE_SIZE messages, of those before an id and of those that match."""
    if query:
        search.catch_up()
    with db.read():
        # The cursor first: a message replayed twice is harmless, one never replayed is lost.
        cursor = events.newest()
        rows = _rows().where(Message.deleted_at.is_null())
        if query:
            rows = rows.where(Message.id << search.newest_ids(query, before, PAGE_SIZE + 1))
        elif before is not None:
            rows = rows.where(Message.id < before)
        rows = list(rows.order_by(Message.id.desc()).limit(PAGE_SIZE + 1))
    more = len(rows) > PAGE_SIZE
    shown = [_view(row) for row in rows[:PAGE_SIZE]]
    return Page(shown, cursor, shown[-1].id if more else None)


def newest_cursor() -> events.Cursor:
    """Return the cursor behind the newest change."""
    with db.read():
        return events.newest()


def changes(cursor: events.Cursor | None, limit: int = events.MAX_REPLAY) -> Changes:
    """Return what changed after `cursor`, at most `limit`, with each message as it is now."""
    with db.read():
        replay = events.after(cursor, limit)
        wanted = {event.message_id for event in replay.events}
        views = {row.id: _view(row) for row in _rows().where(Message.id << wanted)}
        now = events.newest()
    if now.epoch != replay.cursor.epoch or wanted - views.keys():  # a restore came between
        return Changes([], now, resync=True)
    found = [Change(e.seq, e.kind, views[e.message_id]) for e in replay.events]
    return Changes(found, replay.cursor, replay.resync)


def newest_changes() -> Changes:
    """Return the newest changes, as far back as a cursor is followed."""
    end = newest_cursor()
    return changes(events.Cursor(end.epoch, max(0, end.seq - events.MAX_REPLAY)))


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


@contextmanager
def _changing(session_id: str | None) -> Generator[None]:
    """Write in one transaction, on behalf of a session that still stands at its end.

    A change that waited for a restore would find other people under the same ids.
    """
    try:
        with db.write():
            yield
            if session_id and not _stands(session_id):
                raise NotSignedIn
    except IntegrityError:  # even the author is gone
        raise NotSignedIn from None


def _stands(session_id: str) -> bool:
    return Session.select().where(Session.id == session_id, Session.ended_at.is_null()).exists()


def _clean_key(client_key: str) -> str:
    if client_key and not CLIENT_KEY.fullmatch(client_key):
        raise Invalid(client_key="A client key has 1 to 64 letters, digits, - and _.")
    return client_key


def _change(kind: events.Kind, message_id: int, **values: Any) -> None:
    seq = events.append(kind, message_id)
    Message.update(seq=seq, **values).where(Message.id == message_id).execute()


def _rows() -> "ModelSelect[Message]":
    return Message.select(Message, User.id, User.username).join(User)


def _is_own(author_id: int, message_id: int) -> tuple[object, ...]:
    return (
        Message.id == message_id,
        Message.author == author_id,
        Message.deleted_at.is_null(),
    )


def _own_row(author_id: int, message_id: int, *, deleted_too: bool = False) -> Message:
    query = Message.select().where(Message.id == message_id, Message.author == author_id)
    row = db.locked(query).get_or_none()
    if row is None:
        raise NotFound
    if row.deleted_at and not deleted_too:
        raise NotFound("This message was deleted meanwhile.")
    return row


def _view(row: Message) -> MessageView:
    unreadable.tell("messages", row.id, row.__data__)
    unreadable.tell("users", row.author_id, row.author.__data__)
    return MessageView(
        id=row.id,
        text=row.text,
        timestamp=row.timestamp,
        author_id=row.author_id,
        author=row.author.username,
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
        seq=row.seq,
    )
