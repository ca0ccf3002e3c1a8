"""Readers of rooms: each has one page open, connected or not."""

from dataclasses import dataclass
from typing import Self

import httpx2

from service.rooms.places import Place
from tests.live.model import Json, Page
from tests.streams import Board, Frame, Stream

LEFT = Frame(event="left")
RESYNC = Frame(event="resync")


@dataclass
class Reader:
    """Somebody with a page; `over` once they were told that the room is not theirs to see."""

    name: str
    client: httpx2.AsyncClient
    page: Page
    stream: Stream | None = None
    over: bool = False

    @classmethod
    async def sign_in(cls, board: Board, name: str, place: Place) -> Self:
        client = await board.sign_in(name)
        return cls(name, client, await Page.load(client, place))

    def at(self, board: Board) -> None:
        """Go on with a board that has started anew."""
        transport = httpx2.ASGITransport(app=board.app)
        cookies = self.client.cookies
        self.client = httpx2.AsyncClient(
            transport=transport, base_url="http://board.test", cookies=cookies
        )

    async def connect(self, board: Board) -> bool:
        """Connect, and go on from the last cursor; say whether that is allowed."""
        here = {"last_event_id": self.page.cursor, "room": self.page.place.slug}
        stream = await board.open(self.client, **here)
        assert stream.status in {200, 404}
        self.over = stream.status == 404
        self.stream = None if self.over else stream
        return not self.over

    async def open(self, board: Board, place: Place) -> None:
        """Leave the page for that of another room."""
        await self.cut()
        self.page, self.over = await Page.load(self.client, place), False
        assert await self.connect(board)

    async def cut(self) -> None:
        """Lose the connection, and what was under way."""
        if self.stream:
            await self.stream.leave()
            self.stream = None

    def hear(self) -> None:
        """Take what has come so far."""
        for frame in self.stream.unread() if self.stream else ():
            self._take(frame)

    async def hear_some(self, count: int) -> None:
        """Take the next frames."""
        for _ in range(count):
            assert self.stream
            self._take(await self.stream.frame())

    async def hear_until(self, text: str) -> list[Json]:
        """Take what comes up to a message of that text, or the end; return what it changed."""
        found = []
        while self.stream and (not found or found[-1].get("message", {}).get("text") != text):
            found += self._take(await self.stream.frame())
        return found

    def _take(self, frame: Frame | None) -> list[Json]:
        assert frame != RESYNC
        if frame is None:
            self.stream = None
        elif frame == LEFT:
            self.over = True
        elif changed := self.page.take_frame(frame):
            return [changed]
        return []
