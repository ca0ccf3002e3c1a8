"""Stale state + events = fresh state, whatever was posted, edited and deleted in between."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.access.identity import Identity
from service.accounts import accounts
from service.base import parts
from service.base.config import Settings
from service.data.tables.rooms import BOARD
from service.live import sse
from service.live.hub import Hub
from service.live.streams import Subscriber
from tests.people import Person
from tests.streams import Frame, frames

PROGRAM = {"Accept": "application/json"}
CHANGES = st.lists(
    st.tuples(st.sampled_from(["post", "post", "edit", "delete"]), st.integers(0, 7)), max_size=14
)


def fresh(client: Person) -> dict[str, Any]:
    return client.get("/api/messages", headers=PROGRAM).json()


@dataclass
class Page:
    """What a page does with the events it gets: rules 5 and 6 of the design."""

    cursor: str
    shown: dict[int, dict[str, Any]]
    removed: set[int] = field(default_factory=set)

    @classmethod
    def load(cls, client: Person) -> "Page":
        answer = fresh(client)
        return cls(answer["cursor"], {message["id"]: message for message in answer["messages"]})

    def take(self, event: dict[str, Any]) -> None:
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

    def catch_up(self, changes: list[dict[str, Any]], cursor: str, *, twice: bool) -> None:
        assert len({change["cursor"] for change in changes}) == len(changes)
        assert changes == [] or changes[-1]["cursor"] == cursor
        for change in changes * (2 if twice else 1):
            self.take(change)
        self.cursor = cursor

    def take_frames(self, replayed: list[Frame]) -> None:
        changes = [change(frame) for frame in replayed if frame.data]
        assert len({each["id"] for each in changes}) == len(changes)  # each message once
        for each in changes:
            self.take(each)
        self.cursor = replayed[-1].id

    def newest_first(self) -> list[dict[str, Any]]:
        return [self.shown[number] for number in sorted(self.shown, reverse=True)]


def by_json(client: Person, cursor: str) -> list[dict[str, Any]]:
    """Return what changed, as a program asks for it."""
    answer = client.get("/api/messages", params={"after": cursor}, headers=PROGRAM).json()
    assert not answer["resync"]
    return answer["events"]


def by_stream(client: TestClient, me: Identity, cursor: str, now: str) -> list[Frame]:
    """Return the frames that a browser's stream replays, up to `now`."""
    hub = parts.of({"state": client.app_state}, Hub)
    assert client.portal
    client.portal.call(hub.feed.as_far_as, hub.cursors.parse(now))
    replay = client.portal.call(hub._replay, Subscriber(me, BOARD), hub.cursors.parse(cursor))
    return list(frames(b"".join(map(sse.encode, replay)).decode().split("\n")))


def change(frame: Frame) -> dict[str, Any]:
    """Read a frame as a page does: what to do, with which message."""
    number, seq = re.findall(r'<li id="m-(\d+)"[^>]* data-seq="(\d+)"', frame.data)[0]
    kind = "posted" if frame.data.startswith("<hx-upsert ") else "changed"
    if kind == "changed":
        assert frame.data.startswith(f'<hx-partial hx-target="#m-{number}" ')
    found: dict[str, Any] = {"kind": kind, "id": int(number)}
    if 'hx-swap="delete"' in frame.data:
        return found
    return found | {"message": {"id": int(number), "seq": int(seq), "text": frame.text}}


def carry_out(alice: Person, change: str, choice: int, count: int) -> None:
    """Post, or change one of Alice's messages that are left."""
    mine = [message["id"] for message in fresh(alice)["messages"]]
    if change == "post" or not mine:
        assert alice.post("/api/message", json={"message": f"Text {count}"}).status_code == 201
        return
    number = mine[choice % len(mine)]
    if change == "edit":
        answer = alice.post(f"/api/message/{number}/edit", json={"message": f"Text {count}"})
    else:
        answer = alice.post(f"/api/message/{number}/deletion", headers=PROGRAM)
    assert answer.status_code == 200


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, streams_per_user=1000)  # no page comes back as often as a test


@given(changes=CHANGES, twice=st.booleans())
@bounded(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_page_of_any_age_catches_up_to_what_a_reload_shows(
    app_client: TestClient, alice: Person, changes: list[tuple[str, int]], twice: bool
) -> None:
    clear(alice)
    pages, streamed = [Page.load(alice)], [Page.load(alice)]
    for count, (what, choice) in enumerate(changes):
        carry_out(alice, what, choice, count)
        pages[0].catch_up(by_json(alice, pages[0].cursor), fresh(alice)["cursor"], twice=twice)
        pages.append(Page.load(alice))
        streamed.append(Page.load(alice))
    now = fresh(alice)
    for page in pages:
        page.catch_up(by_json(alice, page.cursor), now["cursor"], twice=twice)
        assert page.newest_first() == now["messages"]
    for page in streamed:
        replayed = by_stream(app_client, identity_of("alice"), page.cursor, now["cursor"])
        page.take_frames(replayed[: len(replayed) // 2 + 1])  # and there the connection breaks
        page.take_frames(by_stream(app_client, identity_of("alice"), page.cursor, now["cursor"]))
        assert page.cursor == now["cursor"]
        assert core(page.newest_first()) == core(now["messages"])


def clear(alice: Person) -> None:
    """Begin with an empty board, so that a page shows all there is."""
    for _ in fresh(alice)["messages"]:
        carry_out(alice, "delete", 0, 0)
    assert fresh(alice)["messages"] == []


def identity_of(name: str) -> Identity:
    account = accounts.find(name)
    assert account
    return Identity(account.id, name, "UTC", "session")


def core(listed: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    return [(message["id"], message["seq"], message["text"]) for message in listed]
