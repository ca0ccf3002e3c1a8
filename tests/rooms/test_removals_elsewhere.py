"""Who is removed by another process reads nothing that is written afterwards, come what may.

This process is the other one. REMOVALS=1000 in the environment, with --timeout=0, tries that often.
"""

import os
import random
import secrets
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle
from threading import Event

import httpx2
import pytest

from service.accounts.accounts import Account
from service.data import db
from service.data.cursors import Cursors
from service.data.tables import Message
from service.messages import messages, writing
from service.rooms import memberships, rooms
from tests.people import PASSWORD
from tests.rooms.doing import by, made, me
from tests.rooms.making import say
from tests.rooms.reading_on import DEADLINE, PAUSE, fetch, follow
from tests.servers import KEY, NO_TLS, Server
from tests.stalling import rest, stalled

ROUNDS = int(os.environ.get("REMOVALS", "4"))
EACH = 20  # rounds in one room, in the second of which a server is killed
MUCH = 300  # messages as long as can be: more than fits into a socket that nobody reads
LONG = "&" * writing.MAX_TEXT
MESSAGE = '<li id="m-'


class Cave:
    """A private room of Alice's, with much to read, where Bob comes and goes."""

    def __init__(self, alice: Account, bob: Account) -> None:
        self.alice, self.bob = alice, bob
        self.slug = made(alice, "Cave", "private", bob)
        self.place = rooms.find(me(alice), self.slug).place
        self.start = self.newest()
        with db.write():
            for _ in range(MUCH):
                self.say(LONG)

    def newest(self) -> str:
        return Cursors([KEY]).sealed(messages.newest_cursor(self.place.id))

    def say(self, text: str) -> int:
        return say(self.place, self.alice.username, text).id

    def edit(self, number: int, text: str) -> None:
        writing.edit(me(self.alice), number, text, room=self.place.id)

    def remove(self) -> None:
        memberships.remove(me(self.alice), by(self.alice), self.slug, self.bob.id)

    def add(self) -> None:
        memberships.add(me(self.alice), by(self.alice), self.slug, [self.bob.id])

    def written_since_removal(self) -> Iterator[str]:
        """Yield what was said after Bob was removed last, the newest first."""
        newest_first = Message.number.desc()
        with db.read():
            for row in Message.select().where(Message.room == self.place.id).order_by(newest_first):
                if row.kind == "system":
                    return
                yield row.text


class Board:
    """Real servers, and who uses them."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.alice = servers[0].sign_in("alice", PASSWORD)
        self.bob = servers[0].sign_in("bob", PASSWORD)

    def talk(self, cave: Cave, ended: Event) -> None:
        """Write in the cave, and to all at one server or another: its hub reads the log then."""
        body, cookies = {"message": "Hello"}, self.alice.cookies
        for server in cycle(self.servers):
            cave.say(secrets.token_hex(8))
            with suppress(httpx2.TransportError):
                httpx2.post(f"{server.url}/api/message", json=body, cookies=cookies, verify=NO_TLS)
            if ended.wait(PAUSE):
                return

    @contextmanager
    def told(self, cave: Cave) -> Generator[list[str]]:
        """Let Alice talk; yield what has reached Bob when the block has ended and he is refused."""
        everywhere, cookies, ended = self.servers, self.bob.cookies, Event()
        told: list[str] = []
        idle = stalled(everywhere[-1], self.bob, cave.start, cave.slug)
        with idle, ThreadPoolExecutor() as pool:
            talking = pool.submit(self.talk, cave, ended)
            reading = [
                pool.submit(follow, everywhere, cookies, cave.slug, cave.newest()),
                pool.submit(follow, everywhere[::-1], cookies, cave.slug, cave.newest()),
                pool.submit(fetch, everywhere, cookies, cave.slug),
            ]
            try:
                yield told
                told += [each.result(DEADLINE) for each in reading]
            finally:
                ended.set()
                talking.result(DEADLINE)
            told.append(rest(idle))


@pytest.fixture
def board(
    account: Account, other_account: Account, database_url: str, start_server: Callable[..., Server]
) -> Board:
    """Return two servers of one database, or the one that SQLite has."""
    count = 1 if database_url.startswith("sqlite") else 2
    return Board([start_server(STREAMS_PER_USER="1000") for _ in range(count)])


def test_no_text_from_after_a_removal_elsewhere_reaches_who_was_removed(
    account: Account, other_account: Account, board: Board
) -> None:
    chance, cave = random.Random(7), Cave(account, other_account)
    for number in range(ROUNDS):
        with board.told(cave) as told:
            pause(chance)
            said = cave.say("before")
            pause(chance)
            cave.remove()
            if number % EACH == 1:
                board.servers[0].kill()
                board.servers[0].launch()
            pause(chance)
            cave.edit(said, f"after {number}")
        late = [*cave.written_since_removal(), f"after {number}"]
        assert [text for text in late for each in told if text in each] == []
        assert told[-1].count(MESSAGE) < MUCH  # who read nothing missed something
        cave.add()
        if number % EACH == EACH - 1:
            cave = Cave(account, other_account)


def pause(chance: random.Random) -> None:
    time.sleep(chance.choice([0, 0.01, 0.04]))
