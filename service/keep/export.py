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
from service.data.tables import Message, Option, User
from service.keep.backup import format_of_schema
from service.web.render import Renderer

PEOPLE = 3  # the first format in which people are shown by other names
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
    yield sheets.BYTE_ORDER_MARK + sheets.row(
        ["id", "time", "author", "text", "edited", "display_name", "bot"]
    )
    for message in _messages():
        cells = _row(message, zone)
        cells |= {name: "yes" if cells[name] else "no" for name in ("edited", "bot")}
        cells["display_name"] = cells["display_name"] or ""
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
    """Yield all messages but the deleted ones, oldest first, each with its author."""
    query = (  # of what every release has: the board need not be migrated
        visible.messages(
            *(OPERATOR, Message.id, Message.text, Message.timestamp, Message.edited_at),
            *_names(),
        )
        .join(User, on=Message.author)
        .where(Message.deleted_at.is_null())
        .order_by(Message.id)
        .limit(PAGE)
    )
    page = _read(query)
    while page:
        for message in page:
            unreadable.tell("messages", message.id, message.__data__)
            yield message
        page = _read(query.where(Message.id > page[-1].id))


def _names() -> list[Any]:
    with db.read():
        known = User.display_name, User.role
        return [User.username, *(known if format_of_schema() >= PEOPLE else [])]


def _read(query: Any) -> list[Message]:
    with db.read():  # a page at a time: whoever reads slowly holds nothing up
        return list(query)


def _row(message: Message, zone: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "time": clock.local(message.timestamp, zone).isoformat(timespec="seconds"),
        "author": message.author.username,
        "text": message.text,
        "edited": message.edited_at is not None,
        "display_name": message.author.display_name,
        "bot": message.author.role == "bot",
    }
