"""What two releases on one database are asked, and what both say."""

import threading
import time
from typing import Any

import httpx2

from service.data import db
from service.data.tables import BOARD, Message
from service.doctor import numbers
from tests.people import PROGRAM

LOAD = 1.5  # seconds in which four people write


class Writer(threading.Thread):
    """Posts, edits and deletes on one server, and notes what must be there then."""

    def __init__(self, client: httpx2.Client, name: str) -> None:
        super().__init__()
        self.client = client
        self.name = name
        self.there: dict[int, str] = {}
        self.gone: set[int] = set()
        self.failure: Exception | None = None

    def run(self) -> None:
        end = time.monotonic() + LOAD
        try:
            while time.monotonic() < end:
                self._write(f"{self.name} {len(self.there)}")
        except Exception as failure:  # told to the test
            self.failure = failure

    def _write(self, text: str) -> None:
        number = post(self.client, text)["id"]
        self.there[number] = text
        if number % 3 == 0:
            self.there[number] = edit(self.client, number, f"{text} edited")["text"]
        if number % 5 == 0:
            answer = self.client.post(f"/api/message/{number}/deletion", headers=PROGRAM)
            assert answer.status_code == 200, answer.text
            self.gone.add(number)
            del self.there[number]


def post(client: httpx2.Client, text: str) -> dict[str, Any]:
    answer = client.post("/api/message", json={"message": text}, headers=PROGRAM)
    assert answer.status_code == 201, answer.text
    return answer.json()


def edit(client: httpx2.Client, number: int, text: str) -> dict[str, Any]:
    answer = client.post(f"/api/message/{number}/edit", json={"message": text}, headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told_after(client: httpx2.Client, cursor: str) -> dict[str, Any]:
    return client.get("/api/messages", params={"after": cursor}, headers=PROGRAM).json()


def everything(client: httpx2.Client, **query: Any) -> list[dict[str, Any]]:
    """Return all messages that are listed, page by page."""
    found: list[dict[str, Any]] = []
    before: dict[str, int] = {}
    while True:
        page = client.get("/api/messages", params=query | before, headers=PROGRAM).json()
        found += page["messages"]
        if page["before"] is None:
            return found
        before = {"before": page["before"]}


KNOWN = {"id", "text", "timestamp", "author", "display_name", "bot", "edited", "removed", "seq"}


def as_known(message: dict[str, Any]) -> dict[str, Any]:
    """Return what both releases say of a message."""
    return {name: message[name] for name in KNOWN}


def listed(client: httpx2.Client, **query: Any) -> list[dict[str, Any]]:
    """Return all messages that are listed, as both releases know them."""
    return [as_known(message) for message in everything(client, **query)]


def replayed(client: httpx2.Client, cursor: str) -> list[tuple[Any, ...]]:
    """Return what changed since then, as both know it; each numbers its events in its own way."""
    return [
        (each["kind"], each["id"], "message" in each and as_known(each["message"]))
        for each in told_after(client, cursor)["events"]
    ]


def stored() -> list[tuple[Any, ...]]:
    shown = (Message.id, Message.seq, Message.room, Message.number, Message.version)
    with db.read():
        rows: Any = Message.select(*shown).order_by(Message.id)
        return list(rows.tuples())


def check_stored() -> None:
    """See that every row has what this release needs, whoever wrote it: numbers without a gap."""
    there = [row for row in stored() if row[2] == BOARD]
    assert [row[3] for row in there] == list(range(1, len(there) + 1))
    assert min(version for *_, version in stored()) == 1
    assert list(numbers.check()) == []
