"""What processes share by a Redis: hints and budgets; and what becomes of them without it."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from service.base import metrics
from service.base import shared as shared_module
from service.base.redis_url import Redis, redis_url
from service.base.shared import Shared
from tests.redis_server import PASSWORD, RedisServer
from tests.reverse_proxy import make_certificate
from tests.servers import free_port
from tests.streams import until

pytestmark = pytest.mark.anyio
SECOND = 1_000_000
KEY = "a board's key"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_module, "LOOK", 0.2)
    monkeypatch.setattr(shared_module, "PAUSE", 0.05)


def was_taken(wait: int | None) -> bool:
    return wait is not None and wait <= 0


@asynccontextmanager
async def working(
    shared: Shared, heard: Callable[[], None] = lambda: None
) -> AsyncGenerator[Shared]:
    task = asyncio.create_task(shared.run(heard))
    yield shared
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@asynccontextmanager
async def up(
    server: RedisServer | Redis, key: str = KEY, heard: Callable[[], None] = lambda: None
) -> AsyncGenerator[Shared]:
    named = redis_url(server.url) if isinstance(server, RedisServer) else server
    async with working(Shared(named, key), heard) as shared:
        await until(lambda: shared.is_up)
        yield shared


async def test_a_hint_reaches_the_other_processes_of_the_same_board(
    lasting_redis: RedisServer,
) -> None:
    heard: dict[str, int] = dict.fromkeys(("here", "there", "elsewhere"), 0)

    def hearing(where: str) -> Callable[[], None]:
        def hear() -> None:
            heard[where] += 1

        return hear

    async with AsyncExitStack() as stack:
        here, there, _ = [
            await stack.enter_async_context(up(lasting_redis, key, hearing(where)))
            for where, key in (("here", KEY), ("there", KEY), ("elsewhere", "another board's"))
        ]
        assert heard == dict.fromkeys(heard, 1)  # each once, when it came: to look what it missed
        for _ in range(100):
            here.tell()
        await until(lambda: heard["there"] > 1)
        there.tell()
        await until(lambda: heard["here"] > 1)
        here.tell()
        await until(lambda: heard["there"] > 2)
        assert heard == {"here": 2, "there": 3, "elsewhere": 1}


async def test_a_hint_in_a_rush_is_followed_by_one_after_it(lasting_redis: RedisServer) -> None:
    heard: list[float] = []
    async with up(lasting_redis) as here, up(lasting_redis, heard=lambda: heard.append(0)):
        for count in range(2, 7):
            here.tell()
            await until(lambda count=count: len(heard) == count)


async def test_a_budget_is_one_for_all_processes_of_a_board(lasting_redis: RedisServer) -> None:
    async with (
        up(lasting_redis, "one") as here,
        up(lasting_redis, "one") as there,
        up(lasting_redis, "two") as elsewhere,
    ):
        taking = "alice@example.org", 60 * SECOND, 4 * 60 * SECOND
        waits = [await each.take(*taking) for each in (here, there) * 3]
        assert [was_taken(wait) for wait in waits] == [True] * 4 + [False] * 2
        assert all(0 < (wait or 0) <= 60 * SECOND for wait in waits[4:])
        assert was_taken(await elsewhere.take(*taking))
    names = lasting_redis.client().keys("*")
    assert names
    assert "alice" not in str(names)


async def test_many_ask_at_once(
    lasting_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_module, "PATIENCE", 10)  # the machine may be busy
    async with up(lasting_redis, "crowd") as shared:
        asking = (shared.take("x", 60 * SECOND, 150 * 60 * SECOND) for _ in range(400))
        waits = await asyncio.gather(*asking)
        assert sum(map(was_taken, waits)) == 150
        assert None not in waits


async def test_one_that_was_taken_comes_back(lasting_redis: RedisServer) -> None:
    async with up(lasting_redis, "back") as shared:
        assert was_taken(await shared.take("x", 50_000, 50_000))
        wait = await shared.take("x", 50_000, 50_000)
        assert wait
        assert 0 < wait <= 50_000
        await asyncio.sleep(wait / SECOND)
        assert was_taken(await shared.take("x", 50_000, 50_000))
        assert await until_forgotten(lasting_redis, shared)


async def until_forgotten(server: RedisServer, shared: Shared) -> bool:
    name = shared._name("x")
    await until(lambda: not server.client().exists(name))
    return True


@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_it_is_done_without_while_it_is_away(
    redis_server: RedisServer, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "service")
    heard: list[float] = []
    metrics.begin(registry := CollectorRegistry())
    async with up(redis_server, heard=lambda: heard.append(time.monotonic())) as shared:
        redis_server.kill() if how == "killed" else redis_server.hang()
        asking = [shared.take("x", SECOND, SECOND) for _ in range(100)]
        assert await asyncio.gather(*asking) == [None] * 100
        await until(lambda: not shared.is_up)
        await until(lambda: registry.get_sample_value("board_redis_up") == 0)
        shared.tell()
        assert await shared.take("x", SECOND, SECOND) is None
        await asyncio.sleep(0.5)  # it is tried again and again, and said once
        redis_server.start() if how == "killed" else redis_server.go_on()
        await until(lambda: shared.is_up)
        assert registry.get_sample_value("board_redis_up") == 1
        assert was_taken(await shared.take("y", SECOND, SECOND))
        assert len(heard) == 2
        async with up(redis_server) as there:
            there.tell()
            await until(lambda: len(heard) > 2)
    metrics.end()
    (away,) = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert away.startswith(f"Redis can't be used ({redis_server.place}: ")
    assert away.endswith("show up to a second late, limits are each process's own")
    assert PASSWORD not in caplog.text


async def test_one_that_is_not_there_at_the_start_is_used_once_it_comes(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.kill()
    async with working(Shared(redis_url(redis_server.url), KEY)) as shared:
        await until(lambda: "can't be used" in caplog.text)
        assert await shared.take("x", 1, 1) is None
        redis_server.start()
        await until(lambda: shared.is_up)


async def test_one_that_is_full_is_away_until_there_is_room(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with up(redis_server) as shared:
        redis_server.client().config_set("maxmemory", "1")
        await until(lambda: not shared.is_up)
        assert "not allowed when used memory > 'maxmemory'" in caplog.text
        redis_server.client().config_set("maxmemory", "0")
        await until(lambda: shared.is_up)


async def test_a_password_is_never_said(
    lasting_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    named = replace(redis_url(lasting_redis.url), password="wr0ng secret" * 20)
    async with working(Shared(named, KEY)):
        await until(lambda: "invalid username-password pair" in caplog.text)

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await reader.readuntil(b"wr0ng secret\r\n")
        args = said[-200:-2][:128]  # as Redis cuts it
        writer.write(b"-ERR unknown command 'AUTH', with args beginning with: '" + args + b"\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1")
    named = replace(named, port=server.sockets[0].getsockname()[1])
    async with server, working(Shared(named, KEY)):
        await until(lambda: "unknown command 'AUTH'" in caplog.text)
    assert "wr0ng" not in caplog.text


@pytest.mark.parametrize(
    "answer", [b"220 mail.example.org\r\n", b"+OK\r\n", b":x\r\n", b"*1\r\n$-1\r\n"]
)
async def test_another_server_than_redis_is_nobody(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(1024):
                writer.write(answer * 4)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1")
    named = Redis("127.0.0.1", server.sockets[0].getsockname()[1])
    async with server, working(Shared(named, KEY)):
        await until(lambda: "can't be used" in caplog.text)


async def test_a_certificate_is_checked_and_a_socket_will_do(
    lasting_redis: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own, port, socket = tmp_path / "own.pem", free_port(), tmp_path / "s"
    make_certificate(own)
    given = {"tls-port": port, "tls-cert-file": own, "tls-key-file": own, "tls-ca-cert-file": own}
    options = given | {"tls-auth-clients": "no", "unixsocket": socket}
    server = RedisServer(lasting_redis.program, tmp_path, **options)
    server.start()
    try:
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        named = redis_url(f"rediss://:{PASSWORD}@localhost:{port}")
        async with working(Shared(named, KEY)):
            await until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text)
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        async with up(named):
            pass
        async with up(redis_url(f"unix://:{PASSWORD}@{socket}")):
            pass
    finally:
        server.kill()
