"""How the board connects to a Redis or Valkey; imported where one is named, as it takes 0.1 s."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

import anyio
from anyio.to_thread import run_sync
from redis.asyncio import Connection, ConnectionPool, SSLConnection, UnixDomainSocketConnection
from redis.asyncio import Redis as Client
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from service.base import tls
from service.base.redis_url import Redis

CONNECTING = 3.0  # seconds, for each step of it
CLOSING = 0.5  # seconds
# TimeoutError is one of them; the others come of what a server answers that is no Redis.
FAILURES = (RedisError, OSError, LookupError, TypeError, ValueError)


Command = tuple[str | bytes, ...]
Ask = Callable[[list[Command]], Awaitable[list[int]]]
Hints = AsyncIterator[dict[str, Any]]


class _Trusting(SSLConnection):
    """A connection that trusts what the board trusts elsewhere, SSL_CERT_DIR among it."""

    def __init__(self, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context.context = context


@asynccontextmanager
async def connected(server: Redis, channel: str) -> AsyncGenerator[tuple[Ask, Hints]]:
    """Yield what asks a server, and what hears a channel of it, a connection each.

    They raise FAILURES, and nothing is tried twice: after one they are of no use any more.
    """
    options: dict[str, Any] = {
        "username": server.user or None,
        "password": server.password or None,
        "db": server.database,
        "socket_timeout": None,  # whoever asks says how long
        "socket_connect_timeout": CONNECTING,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,  # the one that every server knows
        "driver_info": None,
    }
    client = Client.from_pool(ConnectionPool(**options, **await _way(server)))
    try:
        async with client.pubsub() as hints:
            await hints.subscribe(channel)
            async with asyncio.timeout(CONNECTING):
                await hints.get_message(timeout=None)  # it says that it is so
            connection = await client.connection_pool.get_connection()
            yield partial(_ask, connection), hints.listen()
    finally:
        with anyio.move_on_after(CLOSING, shield=True):
            await client.aclose()


async def _ask(connection: AbstractConnection, commands: list[Command]) -> list[int]:
    # A pipeline does the same, in twice the time.
    packed = connection.pack_commands(commands)
    await connection.send_packed_command(packed, check_health=False)
    return [int(await connection.read_response()) for _ in commands]


async def _way(server: Redis) -> dict[str, Any]:
    if server.socket:
        return {"connection_class": UnixDomainSocketConnection, "path": server.socket}
    way: dict[str, Any] = {"connection_class": Connection, "host": server.host, "port": server.port}
    if server.tls:
        way |= {"connection_class": _Trusting, "context": await run_sync(tls.trusting)}
    return way


def reason(failure: BaseException, server: Redis) -> str:
    """Return why it fails in one line that can be shown.

    A server that does not know a command repeats it: the one that signs in has the password, and
    a long one is cut, so that it could not be found.
    """
    said = " ".join(str(failure).split()).partition(", with args")[0] or "no answer in time"
    for secret in filter(None, (server.password, quote(server.password))):
        said = said.replace(secret, "***")
    return "".join(c if c.isprintable() else "?" for c in said)[:200]
