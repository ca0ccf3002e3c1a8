"""Messages for people: as JSON lines, a table for spreadsheets, or one page to read."""

import json
import re
from collections.abc import Callable, Generator, Iterator
from itertools import batched
from typing import Any

from service.access import visible
from service.access.options import Current
from service.access.visible import OPERATOR
from service.base import characters, clock, dates, sheets, unreadable
from service.base.assets import Assets, folder
from service.base.clock import Clock
from service.base.config import Settings
from service.data import db
from service.data.tables import Message, Option, Room, User
from service.data.tables.rooms import FIRST
from service.keep.backup import format_of_schema
from service.web.render import Renderer

PEOPLE = 3  # the first format in which people are shown by other names
ROOMS = 4  # the first in which there are other rooms than the first one
COLUMNS = (
    *("id", "time", "author", "text", "edited", "display_name", "bot"),
    *("room", "room_name", "room_kind", "kind", "parent"),
)
PAGE = 1000  # messages in memory at once

ABOVE_ASCII = re.compile("[\x7f-\x9f]")  # control characters that JSON leaves as they are

Export = Callable[[str, str], Iterator[str]]


def as_jsonl(zone: str, _board_name: str) -> Iterator[str]:
    """Yield a JSON object per message."""
    for message in _messages():
        line = json.dumps(_row(message, zone), ensure_ascii=False)
        yield ABOVE_ASCII.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n"


def as_csv(zone: str, _board_name: str) -> Iterator[str]:
    """Yield a table whose first row names the columns; no cell of it is a formula."""
    yield sheets.BYTE_ORDER_MARK + sheets.row(COLUMNS)
    for message in _messages():
        cells = _row(message, zone)
        cells |= {name: "yes" if cells[name] else "no" for name in ("edited", "bot")}
        cells |= {name: cells[name] or "" for name in ("display_name", "parent")}
        yield sheets.row(cells.values())


def as_html(zone: str, board_name: str) -> Iterator[str]:
    """Yield one page that needs nothing beside it."""
    settings = Settings(secret_keys=(), board_name=board_name)
    options = Current(settings)
    with db.read():
        decided = Option.table_exists()
    language = (options.refresh() if decided else options.known).date_language
    environment = Renderer(settings, Assets(folder("static")), options=options).environment
    pieces = environment.get_template("keep/export.html").generate(
        board_name=board_name,
        messages=_messages(),
        zone=Clock(zone),
        made=clock.now(),
        escaped=characters.escaped,
        language=language,
        date=lambda moment: dates.words(clock.local(moment, zone).date(), language),
    )
    yield from ("".join(some) for some in batched(pieces, PAGE, strict=False))
    yield "\n"


FORMATS: dict[str, Export] = {"jsonl": as_jsonl, "csv": as_csv, "html": as_html}


def _messages() -> Generator[Message]:
    """Yield all messages but the deleted ones, oldest first, each with its author and room."""
    query, names = _query(), dict[str, str]()
    page = _read(query)
    while page:
        for message in page:
            unreadable.tell("messages", message.id, message.__data__)
            yield _in_room(message, names)
        page = _read(query.where(Message.id > page[-1].id))


def _query() -> Any:
    """Return a query of what the board has: it need not be migrated."""
    with db.read():
        written = format_of_schema()
    people = [User.display_name, User.role] if written >= PEOPLE else []
    columns = Message.id, Message.text, Message.timestamp, Message.edited_at
    query = visible.messages(OPERATOR, *columns, User.username, *people)
    query = query.join(User, on=Message.author).where(Message.deleted_at.is_null())
    if written >= ROOMS:
        rooms = Room.slug, Room.kind, Room.name, Room.direct_key
        query = query.select_extend(Message.number, Message.kind, visible.parent(OPERATOR), *rooms)
        query = query.switch().join(Room, on=Message.room).where(Room.deleted_at.is_null())
    return query.order_by(Message.id).limit(PAGE)


def _in_room(message: Message, names: dict[str, str]) -> Message:
    """Return a message with its number and a room that has a name; `names` keeps those found."""
    if message.number is None:  # an older release's: all of it was one room
        message.number, message.kind, message.room = message.id, "text", Room(**FIRST)
    if key := message.room.direct_key:
        message.room.name = names[key] = names.get(key) or _names(key)
    return message


def _names(direct_key: str) -> str:
    """Return who is in a direct message, as others see them."""
    with db.read():
        found = User.select(User.username, User.display_name)
        people = list(found.where(User.id << [int(user) for user in direct_key.split()]))
    return ", ".join(sorted(each.display_name or each.username for each in people))


def _read(query: Any) -> list[Message]:
    with db.read():  # a page at a time: whoever reads slowly holds nothing up
        return list(query)


def _row(message: Message, zone: str) -> dict[str, Any]:
    return {
        "id": message.number,
        "time": clock.local(message.timestamp, zone).isoformat(timespec="seconds"),
        "author": message.author.username,
        "text": message.text,
        "edited": message.edited_at is not None,
        "display_name": message.author.display_name,
        "bot": message.author.role == "bot",
        "room": message.room.slug,
        "room_name": message.room.name,
        "room_kind": message.room.kind,
        "kind": message.kind,
        "parent": getattr(message, "parent_number", None),
    }
