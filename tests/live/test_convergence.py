"""Stale state + events = fresh state = the table, whatever was written, cut off and restarted.

CONVERGENCE in the environment says how many seeds are tried.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from types import SimpleNamespace

import pytest

from service.access.visible import OPERATOR, messages
from service.app import create_app
from service.base.config import Settings
from service.data import db
from service.data.tables import Message
from service.live import recent
from service.messages import writing
from service.rooms.places import Place
from tests.live.model import Json, Page, core, everything
from tests.live.reader import Reader
from tests.live.six_rooms import NAMES, World
from tests.people import PROGRAM
from tests.streams import Board, running

SEEDS = range(int(os.environ.get("CONVERGENCE", "2")))
LIVES = 3  # of the server
STEPS = 30  # in each
THE_END = "The end"
pytestmark = pytest.mark.anyio


class Story:
    """What happens in the rooms, who reads along, and pages that were left at any time."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings, self.chance = settings, random.Random(seed)
        self.world = World(self.chance)
        self.readers: list[Reader] = []
        self.old: list[Reader] = []

    @asynccontextmanager
    async def board(self) -> AsyncGenerator[Board]:
        """Start the board, let everybody go on there, and stop it."""
        async with running(create_app(self.settings)) as board:
            if not self.readers:
                start = [await Reader.sign_in(board, name, self.any_room(name)) for name in NAMES]
                self.readers = start
            for reader in (*self.readers, *self.old):
                reader.at(board)
            yield board
            for reader in self.readers:
                reader.hear()
        for reader in self.readers:
            reader.stream = None

    def any_room(self, name: str) -> Place:
        return self.chance.choice(
            [each for each in self.world.rooms if name in self.world.readers(each)]
        )

    def may_read(self, reader: Reader) -> bool:
        return reader.name in self.world.readers(reader.page.place)

    async def go_on(self, board: Board) -> None:
        for _ in range(STEPS):
            self.world.step()
            if self.chance.random() < 1 / 2:
                board.hub.feed.wake()
            await asyncio.sleep(self.chance.choice([0, 0, 0.005]))
            await self.act(board, self.chance.choice(self.readers))
            if self.chance.random() < 1 / 3:
                await self.keep(self.chance.choice(self.readers))

    async def act(self, board: Board, reader: Reader) -> None:
        """Let somebody look at their page, lose the connection, come back or go elsewhere."""
        reader.hear()
        if reader.stream is None and not reader.over:
            assert await reader.connect(board) == self.may_read(reader)
        elif reader.over or self.chance.random() < 1 / 3:
            await reader.open(board, self.any_room(reader.name))
        elif self.chance.random() < 1 / 2:
            await reader.cut()

    async def keep(self, reader: Reader) -> None:
        """Keep a page as it is now, for the end."""
        page = await Page.load(reader.client, self.any_room(reader.name))
        self.old.append(Reader(reader.name, reader.client, page))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, streams_per_user=1000)  # no page comes back as often as a test


@pytest.mark.parametrize("seed", SEEDS)
async def test_pages_of_any_age_catch_up_to_what_the_table_has(
    database: None, settings: Settings, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "events", SimpleNamespace(MAX_REPLAY=30))  # or all is in memory
    story = Story(settings, seed)
    db.close_database()
    for _ in range(LIVES):
        async with story.board() as board:
            await story.go_on(board)
    async with story.board() as board:
        for reader in story.readers:
            assert await reader.connect(board) == story.may_read(reader)
        for place in story.world.rooms:
            writing.post(story.world.alice.user_id, THE_END, place=place)
        board.hub.feed.wake()
        for reader in (each for each in story.readers if each.stream):
            await reader.hear_until(THE_END)
            await assert_converged(reader)
        for number, reader in enumerate(story.old):
            if not story.may_read(reader):
                assert not await reader.connect(board)
            else:
                await (ask(reader) if number % 2 else follow(reader, board))
                await assert_converged(reader)


async def ask(reader: Reader) -> None:
    """Catch up as a program does; what it is told may come twice."""
    place, page = reader.page.place, reader.page
    asked = {"after": page.cursor}
    answer = await reader.client.get(f"{place.api}/messages", params=asked, headers=PROGRAM)
    page.take_events(answer.json(), times=2)


async def follow(reader: Reader, board: Board) -> None:
    """Catch up as a page does, whose connection breaks in the midst of what it has missed."""
    before = deepcopy(reader.page)
    told = await missed(reader, board)
    assert len({each["id"] for each in told}) == len(told)  # each message once
    reader.page = before
    assert await reader.connect(board)
    await reader.hear_some(len(told) // 2)
    await reader.cut()
    await missed(reader, board)


async def missed(reader: Reader, board: Board) -> list[Json]:
    """Let a reader connect, take what they have missed, and leave; return it."""
    assert await reader.connect(board)
    told = await reader.hear_until(THE_END)
    await reader.cut()
    return told


async def assert_converged(reader: Reader) -> None:
    """Look whether a page shows what a reload does, and that what is stored."""
    place, shown = reader.page.place, core(reader.page.listed())
    _, now = await everything(reader.client, place)
    assert shown == core(sorted(now, key=lambda each: -each["id"]))
    assert shown == stored(place)


def stored(place: Place) -> list[tuple[int, int, str]]:
    """Return what there is of a room: what is not deleted, and what something replies to."""
    with db.read():
        rows = list(messages(OPERATOR).where(Message.room == place.id))
    answered = {row.parent_id for row in rows if row.deleted_at is None}
    there = [row for row in rows if row.deleted_at is None or row.id in answered]
    found = [(row.number or 0, row.version or 0, row.text) for row in there]
    return sorted(found, reverse=True)
