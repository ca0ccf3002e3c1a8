"""A real board, watched by a real Prometheus, and people who use it a little."""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from service.data import db, migrations
from tests.monitoring.prometheus import Prometheus, watching
from tests.people import PASSWORD, add_person
from tests.redis_server import RedisServer
from tests.reverse_proxy import ReverseProxy, make_certificate, proxied
from tests.servers import Server, board, free_port

PEOPLE = ("alice", "bob")
PAGES = 3  # that each has open
PAUSE = 0.2  # seconds at most between two things that somebody does
WRONG = 6  # passwords, the last of which is one too many
ANOTHER_EPOCH = "elsewhere.1"  # the cursor of a page that was open before a restore
WORDS = ("tea", "cake", "ship", "build", "train", "lunch")


@dataclass
class Watched:
    """A board on SQLite behind HTTPS, its people, and what watches it."""

    url: str
    trusted: ssl.SSLContext
    prometheus: Prometheus
    started: float = 0.0  # when it was used, in Unix time
    ended: float = 0.0

    def use(self, seconds: float) -> None:
        """Have people use it for so long, in each of the ways that are measured."""
        self.started = time.time()
        asyncio.run(self._use(seconds))
        self.ended = time.time()

    async def _use(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for name in PEOPLE:
                group.create_task(self._person(name, until))
            group.create_task(self._stranger())

    async def _person(self, name: str, until: float) -> None:
        """Sign in, keep pages open, post and read."""
        async with self._client() as client:
            answer = await _sign_in(client, name, PASSWORD)
            assert answer.status_code == 200
            cursor = (await client.get("/api/messages")).json()["cursor"]
            async with asyncio.TaskGroup() as group:
                cursors = [cursor] * PAGES + [ANOTHER_EPOCH]
                pages = [group.create_task(_page(client, after)) for after in cursors]
                while time.monotonic() < until:
                    await _something(client)
                    await asyncio.sleep(random.random() * PAUSE)
                for page in pages:
                    page.cancel()

    async def _stranger(self) -> None:
        """Guess passwords, until there is a wait."""
        async with self._client() as client:
            answers = [await _sign_in(client, "mallory", "wrong") for _ in range(WRONG)]
            assert answers[-1].status_code == 429

    @asynccontextmanager
    async def _client(self) -> AsyncGenerator[httpx2.AsyncClient]:
        program = {"accept": "application/json"}
        async with httpx2.AsyncClient(
            base_url=self.url, verify=self.trusted, headers=program, timeout=20
        ) as client:
            yield client


async def _sign_in(client: httpx2.AsyncClient, name: str, password: str) -> httpx2.Response:
    return await client.post("/api/login", json={"username": name, "password": password})


async def _page(client: httpx2.AsyncClient, after: str) -> None:
    """Have a page open until it is told to reload, or closed."""
    async with client.stream("GET", "/api/events", params={"after": after}) as response:
        assert response.status_code == 200
        async for _ in response.aiter_lines():
            pass


async def _something(client: httpx2.AsyncClient) -> None:
    word = random.choice(WORDS)
    match random.randrange(4):
        case 0:
            answer = await client.get("/api/messages")
        case 1:
            answer = await client.get("/msgs")
        case 2:
            answer = await client.get("/api/messages", params={"q": word})
        case _:
            answer = await client.post("/api/message", json={"message": f"More {word}"})
    assert answer.is_success, answer.text


@contextmanager
def watched(folder: Path) -> Generator[Watched]:
    """Run a new board with Alice and Bob that was backed up, its Redis, and what watches it."""
    url = _new_board(folder)
    done = board(url, "backup", str(folder / "board.zip"))
    assert done.returncode == 0, done.stderr
    certificate = folder / "tls.pem"
    make_certificate(certificate, days=90)
    redis = RedisServer("redis-server", folder)
    port = free_port()
    environ = {"METRICS_PORT": str(port), "TRUSTED_PROXIES": "127.0.0.1", "REDIS_URL": redis.url}
    server = Server(url, folder / "board.log", environ)
    proxy = ReverseProxy(server.port, scheme="https")
    with proxied(proxy, certificate), watching(folder, port) as prometheus:
        server.environ["PUBLIC_URL"] = proxy.url
        try:
            redis.start()
            server.start()
            trusted = ssl.create_default_context(cafile=str(certificate))
            yield Watched(proxy.url, trusted, prometheus)
        finally:
            server.close()
            redis.kill()


def _new_board(folder: Path) -> str:
    """Return the URL of a new database with people in it."""
    url = f"sqlite:///{folder / 'board.sqlite3'}"
    db.open_database(url)
    migrations.upgrade(db.database.obj)
    for name in PEOPLE:
        add_person(name)
    db.close_database()
    return url
