"""Wakes: other processes show at once what one has committed, whatever tells them of it."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from anyio.to_thread import run_sync

from service.app import create_app
from service.base import shared
from service.base.config import Settings
from service.base.redis_url import redis_url
from service.data import db
from service.live import wakes
from tests.people import MEMBERS, ON_POSTGRESQL
from tests.postgresql import LISTENERS, number
from tests.redis_server import RedisServer
from tests.servers import within
from tests.streams import DEADLINE, Board, Frame, Stream, post, running, texts, until

pytestmark = [ON_POSTGRESQL, MEMBERS, pytest.mark.anyio]


@pytest.fixture(autouse=True)
def only_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakes, "POLL", 3600)
    monkeypatch.setattr(shared, "PAUSE", 0.05)


async def two(stack: AsyncExitStack, settings: Settings) -> tuple[Board, Board]:
    """Return two applications on one database, as two processes are."""
    here = await stack.enter_async_context(running(create_app(settings)))
    return here, await stack.enter_async_context(running(create_app(settings)))


async def hello(here: Board, there: Board) -> Stream:
    """Let Alice post at one, and Bob read it at the other; return his page."""
    alice, bob = await here.sign_in("alice"), await there.sign_in("bob")
    stream, _ = await there.open_now(bob)
    await post(alice, "Hello")
    assert await texts(stream, 1) == ["Hello"]
    return stream


async def read_elsewhere(here: Board, there: Board) -> None:
    """Let Bob read at one what Alice wrote, and his page at the other be told."""
    alice, bob, also_bob = [
        await board.sign_in(name)
        for board, name in ((here, "alice"), (here, "bob"), (there, "bob"))
    ]
    stream, _ = await there.open_now(also_bob)
    number = (await post(alice, "To be read"))["id"]
    assert await texts(stream, 1) == ["To be read"]
    assert (await bob.post("/api/read", json={"number": number})).status_code == 200
    assert await stream.frame() == Frame(event="elsewhere")


async def test_postgresql_tells_where_there_is_nothing_else(
    settings: Settings, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        boards = await two(stack, settings)
        await run_sync(within, DEADLINE, lambda: number(database_url, LISTENERS) == 2)
        await hello(*boards)
        await read_elsewhere(*boards)


async def test_redis_tells_in_its_place(
    settings: Settings,
    database_url: str,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "service")
    async with AsyncExitStack() as stack:
        boards = await two(stack, replace(settings, redis=redis_url(redis_server.url)))
        await until(lambda: caplog.text.count("answers") == 2)
        listening = db.database.obj.listen()
        stack.callback(listening.close)
        stream = await hello(*boards)
        assert number(database_url, LISTENERS) == 1  # this one alone, and it hears nothing
        listening.poll()
        assert listening.notifies == []

        # What nobody could tell is found when it is back, at the latest.
        redis_server.kill()
        await until(lambda: caplog.text.count("can't be used") == 2)
        await post(await boards[0].sign_in("alice"), "Unheard of")
        redis_server.start()
        assert await texts(stream, 1) == ["Unheard of"]
        await until(lambda: caplog.text.count("answers") == 4)
        await post(await boards[0].sign_in("alice"), "Back")
        assert await texts(stream, 1) == ["Back"]
        await read_elsewhere(*boards)
