"""Put a backup in the board's place: all of it in one transaction, or nothing."""

import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from itertools import batched
from typing import Any

import peewee

from service.access import names
from service.base import words
from service.base.errors import Conflict
from service.data import db, first_room, numbering
from service.data.tables import (
    ApiToken,
    AuditEntry,
    Bot,
    Event,
    EventCounter,
    Failure,
    KnownNetwork,
    Link,
    Membership,
    Mention,
    Message,
    Option,
    Passkey,
    ProvidedIdentity,
    Reaction,
    RecoveryCode,
    Room,
    SecondFactor,
    Session,
    Spent,
    Table,
    User,
)
from service.data.tables.rooms import FIRST
from service.keep.archive import Damaged, Entry, Saved
from service.keep.formats import FORMATS

BATCH = 500  # rows deleted or inserted at once
# Each refers to ones behind it only.
EMPTIED: tuple[type[Table], ...] = (
    *(
        Event,
        Mention,
        Reaction,
        Message,
        Membership,
        Room,
        KnownNetwork,
        Session,
        Link,
        Option,
        AuditEntry,
    ),
    *(ProvidedIdentity, Spent, ApiToken, Bot, SecondFactor, RecoveryCode, Passkey),
    *(User, Failure),
)
# A post takes the first ones in this order, a sign-in the next. What changes a room or calls
# somebody has rooms or users before messages: it goes first.
LOCKED: tuple[type[Table], ...] = (
    *(Message, User, Room, Membership, Session, KnownNetwork),
    *(Failure, EventCounter, Event, Mention, Reaction),
    *(Link, Option, AuditEntry, ProvidedIdentity, Spent),
    *(ApiToken, Bot, SecondFactor, RecoveryCode, Passkey),
)

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'messages'"
REBUILD = "INSERT INTO message_index (message_index) VALUES ('rebuild')"


def put_in_place(backup: Saved, *, replace: bool) -> None:
    """Make the board what the backup holds, under a new epoch, all or nothing.

    Every session is over, the saved board's and this one's. Raises Conflict if the board has users
    or messages and is not to be replaced, and Damaged.
    """
    try:
        with db.write():
            db.keep_writers_waiting([table._meta.table_name for table in LOCKED])
            if not replace:
                _refuse_unless_empty()
            with _index_made_anew():
                for table in EMPTIED:
                    _empty(table)
                _fill(backup)
            names.catch_up()
            numbering.catch_up()
            first_room.catch_up()
            _count_from(backup.manifest.seq)
    except (peewee.IntegrityError, peewee.DataError) as failure:
        reason = str(failure).strip().partition("\n")[0]
        raise Damaged(f"{backup.name} holds rows that don't fit together: {reason}.") from None
    with suppress(*db.UNAVAILABLE):  # only a hint: servers look by themselves each second
        db.notify()


def _refuse_unless_empty() -> None:
    if User.select().exists() or Message.select().exists():
        raise Conflict(
            "This board has users or messages; with --replace the backup takes their place."
        )


def _empty(table: type[Table]) -> None:
    key: Any = table._meta.primary_key
    keys: Any = table.select(key).order_by(key).limit(BATCH).tuples()
    batch = list(keys)
    while batch:  # in one statement, SQLite would keep all of it in memory to undo it
        ((first,), (last,)) = batch[0], batch[-1]
        table.delete().where(key.between(first, last)).execute()
        batch = list(keys.where(key > last))


def _fill(backup: Saved) -> None:
    entries = FORMATS[backup.manifest.format]
    if Room not in {entry.table for entry in entries}:
        Room.insert(FIRST).execute()
        db.go_on_after_highest_id("rooms")
    for entry in entries:
        _insert(entry, backup.rows(entry))


def _insert(entry: Entry, rows: Iterable[dict[str, Any]]) -> None:
    for batch in batched(rows, BATCH, strict=False):
        entry.table.insert_many([_fields(entry, row) for row in batch]).execute()
    if entry.key == "id":
        db.go_on_after_highest_id(entry.name)


def _fields(entry: Entry, row: dict[str, Any]) -> dict[Any, Any]:
    """Return a row by the table's fields, of which one may have another name than its column."""
    columns = entry.table._meta.columns
    return {columns[name]: value for name, value in _with_words(entry, row).items()}


def _with_words(entry: Entry, row: dict[str, Any]) -> dict[str, Any]:
    """Add what is not saved, as it follows from the rest: the words a message is found by."""
    if entry.table is not Message:
        return row
    text = "" if row.get("kind") == "system" else row["text"]
    found_by = words.indexed(text, row["author_id"], row["timestamp"])
    # Before there were rooms a message was known by its id; the database would number it anew.
    numbered = {} if row.get("number") else {"number": row["id"], "version": row["seq"]}
    return {**row, **numbered, "words": found_by}


def _count_from(seq: int) -> None:
    EventCounter.update(epoch=secrets.token_hex(4), seq=seq, plain_until=0).execute()


@contextmanager
def _index_made_anew() -> Generator[None]:
    """Let SQLite's index of the messages be made anew at the end.

    To follow row by row, it takes minutes to forget a hundred thousand messages.
    """
    if not db.on_sqlite():
        yield
        return
    triggers = db.database.execute_sql(TRIGGERS).fetchall()
    for name, _ in triggers:
        db.database.execute_sql(f"DROP TRIGGER {name}")
    yield
    db.database.execute_sql(REBUILD)
    for _, statement in triggers:
        db.database.execute_sql(statement)
