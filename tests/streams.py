"""Open streams, read frame by frame: of an application in process, and of real servers."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import visible
from service.data import db
from service.data.events import Cursor
from service.data.tables import Room
from service.live.changes import Log
from service.live.hub import Hub
from service.registry import NOUNS
from tests.people import PASSWORD, cookie_name, token

DEADLINE = 20  # seconds; the machine may be busy
LOG = Log(NOUNS)  # as the board reads it


@dataclass(frozen=True)
class Frame:
    """One server-sent event."""

    id: str = ""
    event: str = "message"
    data: str = ""

    @property
    def text(self) -> str:
        """The text of the message that it brings."""
        found = re.search(r'class="body text" dir="auto">(.*?)</div>', self.data, re.DOTALL)
        return found[1] if found else ""


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110, nothing tells of it
            await asyncio.sleep(0.01)


def frames(lines: Iterable[str]) -> Iterator[Frame]:
    """Yield the frames that these lines make."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line:
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
        elif fields:
            yield Frame(**fields)
            fields = {}


@contextmanager
def open_stream(client: httpx2.Client, after: str) -> Generator[Iterator[Frame]]:
    """Yield the frames of a real server's stream, once it is live."""
    with client.stream("GET", "/api/events", params={"after": after}) as response:
        assert response.status_code == 200
        found = frames(response.iter_lines())
        first = next(found)
        assert first.id
        assert first == Frame(id=first.id)
        yield found


class Stream:
    """One open page of an application in process; it can stall, and it can leave."""

    def __init__(self, app: ASGIApp, headers: dict[str, str], query: str) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.reading = asyncio.Event()
        self.reading.set()
        self._leaving = asyncio.Event()
        self._started = asyncio.Event()
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/events",
            "query_string": query.encode(),
            "scheme": "http",
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))  # ty: ignore[invalid-argument-type]
        self.task.add_done_callback(lambda _: self._started.set())

    async def started(self) -> Self:
        async with asyncio.timeout(DEADLINE):
            await self._started.wait()
        if self.task.done():
            self.task.result()
        return self

    async def frame(self) -> Frame | None:
        """Return the next frame, or None at the stream's end."""
        async with asyncio.timeout(DEADLINE):
            return await self._frames.get()

    async def rest(self) -> list[Frame]:
        """Return every frame from here to the end."""
        found = []
        while (frame := await self.frame()) is not None:
            found.append(frame)
        return found

    def unread(self) -> list[Frame | None]:
        """Return what has arrived and was not looked at."""
        return [self._frames.get_nowait() for _ in range(self._frames.qsize())]

    async def leave(self) -> None:
        """Close the page, and wait until the server has noticed."""
        self._leaving.set()
        async with asyncio.timeout(DEADLINE):
            await self.task

    async def _receive(self) -> Message:
        await self._leaving.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
            self._started.set()
            return
        await self.reading.wait()
        for frame in frames(message.get("body", b"").decode().split("\n")):
            self._frames.put_nowait(frame)
        if not message.get("more_body"):
            self._frames.put_nowait(None)


@dataclass
class Board:
    """An application running in this process."""

    app: ASGIApp
    hub: Hub

    def seq(self, frame: Frame) -> int:
        """Return the number of the event that a frame tells of."""
        cursor = self.hub.cursors.parse(frame.id)
        assert cursor
        return cursor.seq

    def newest(self, slug: str) -> str:
        """Return the cursor of a room, as its readers get it."""
        with db.read():
            room = Room.get(Room.slug == slug).id
            newest = visible.newest(room).cursor
        return self.hub.cursors.sealed(newest)

    async def sign_in(self, name: str, zone: str = "UTC") -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(
            transport=transport,
            base_url="http://board.test",
            headers={"Accept": "application/json"},
        )
        login = {"username": name, "password": PASSWORD, "user_timezone": zone}
        answer = await client.post("/api/login", json=login)
        assert answer.status_code == 200, answer.text
        return client

    async def open(
        self,
        client: httpx2.AsyncClient,
        after: object = "",
        last_event_id: object = "",
        room: str = "",
    ) -> Stream:
        """Open a stream as the page of whoever is signed in with `client`."""
        headers = {"Cookie": f"{cookie_name(client)}={token(client)}"}
        if last_event_id:
            headers["Last-Event-ID"] = self._written(last_event_id)
        query = f"after={self._written(after)}" + (f"&room={room}" if room else "")
        return await Stream(self.app, headers, query).started()

    def _written(self, cursor: object) -> str:
        return self.hub.cursors.sealed(cursor) if isinstance(cursor, Cursor) else str(cursor)

    async def open_now(self, client: httpx2.AsyncClient, room: str = "") -> tuple[Stream, str]:
        """Open a stream from the newest cursor, wait until it is live, return both."""
        cursor = self.newest(room) if room else await _newest(client)
        stream = await self.open(client, cursor, room=room)
        confirmed = await stream.frame()
        # With another cursor if there is news for its reader alone: that they are in the room.
        assert confirmed
        assert confirmed == Frame(id=confirmed.id)
        return stream, confirmed.id


async def _newest(client: httpx2.AsyncClient) -> str:
    return (await client.get("/api/messages")).json()["cursor"]


async def post(client: httpx2.AsyncClient, text: str) -> dict[str, Any]:
    """Post a message, and return it."""
    answer = await client.post("/api/message", json={"message": text})
    assert answer.status_code == 201
    return answer.json()


async def texts(stream: Stream, count: int) -> list[str]:
    """Return the texts of the next messages; what only confirms a cursor is passed over."""
    found: list[str] = []
    while len(found) < count:
        frame = await stream.frame()
        assert frame, f"the stream ended after {found}"
        found += [frame.text] if frame.data else []
    return found


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncGenerator[Board]:
    """Start the application, yield it, and stop it."""
    state: dict[Any, Any] = {}
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.create_task(
        app({"type": "lifespan", "state": state}, inbox.get, outbox.put)  # ty: ignore[invalid-argument-type]
    )

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield Board(with_state, state[Hub])
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await life
