"""A page as a model: what it shows, and what it does with what it is told."""

import re
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from service.rooms.places import Place
from tests.people import PROGRAM
from tests.streams import Frame

Json = dict[str, Any]
ITEM = re.compile(r'<li id="m-(\d+)"[^>]* data-seq="(\d+)"')
TOLD = re.compile(r'class="text" dir="auto">(.*?)</span>')  # by the board itself
UPSERT = re.compile(r'<hx-upsert hx-target="#(messages|replies-\d+)"')


async def fresh(client: httpx2.AsyncClient, place: Place) -> Json:
    """Return the newest messages of a room, as a program gets them."""
    answer = await client.get(f"{place.api}/messages", headers=PROGRAM)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def everything(client: httpx2.AsyncClient, place: Place) -> tuple[str, list[Json]]:
    """Return the cursor of a room, and its messages with all replies to them."""
    answer = await fresh(client, place)
    found = answer["messages"]
    for root in [each["id"] for each in found if each["replies"]]:
        path = f"{place.api}/message/{root}/replies"
        found += (await client.get(path, headers=PROGRAM)).json()["messages"]
    return answer["cursor"], found


@dataclass
class Page:
    """What a page does with the events it gets: rules 5 and 6 of the design."""

    place: Place
    cursor: str
    shown: dict[int, Json]
    removed: set[int] = field(default_factory=set)

    @classmethod
    async def load(cls, client: httpx2.AsyncClient, place: Place) -> Self:
        cursor, found = await everything(client, place)
        return cls(place, cursor, {message["id"]: message for message in found})

    def take(self, event: Json) -> None:
        message, number = event.get("message"), event["id"]
        if message is None:
            self.shown.pop(number, None)
            self.removed.add(number)
        elif number in self.removed:
            pass
        elif number in self.shown:
            if message["seq"] > self.shown[number]["seq"]:
                self.shown[number] = message
        elif event["kind"] == "posted":  # only a post inserts
            self.shown[number] = message

    def take_events(self, answer: Json, times: int) -> None:
        """Take the answer to a program that asks what has changed, once or again."""
        assert not answer["resync"]
        changes, self.cursor = answer["events"], answer["cursor"]
        assert len({change["cursor"] for change in changes}) == len(changes)
        assert changes == [] or changes[-1]["cursor"] == self.cursor
        for change in changes * times:
            if "id" in change:  # it is about a message
                self.take(change)

    def take_frame(self, frame: Frame) -> Json | None:
        """Take what a stream brings; return what it changes, if it is about a message."""
        self.cursor = frame.id or self.cursor
        found = change(frame)
        if found:
            self.take(found)
        return found

    def listed(self) -> list[Json]:
        return [self.shown[number] for number in sorted(self.shown, reverse=True)]


def change(frame: Frame) -> Json | None:
    """Read a frame as a page does: what to do, with which message."""
    items = ITEM.findall(frame.data)
    if not items:
        return None
    ((number, seq),) = items
    posted = UPSERT.match(frame.data)
    if not posted:
        assert frame.data.startswith(f'<hx-partial hx-target="#m-{number}" ')
    found: Json = {"kind": "posted" if posted else "changed", "id": int(number)}
    if 'hx-swap="delete"' in frame.data:
        return found
    told = TOLD.findall(frame.data)
    text = told[0] if told else frame.text
    return found | {"message": {"id": int(number), "seq": int(seq), "text": text}}


def core(listed: list[Json]) -> list[tuple[int, int, str]]:
    """Return what frames tell of messages."""
    return [(message["id"], message["seq"], message["text"]) for message in listed]
