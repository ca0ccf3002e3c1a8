"""Two servers that share a Redis, which is killed and hangs while people post."""

import secrets
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2

from service.messages import messages
from tests.people import MEMBERS, ON_POSTGRESQL
from tests.people import PASSWORD as THEIRS
from tests.redis_server import PASSWORD, RedisServer
from tests.servers import Server, within
from tests.streams import open_stream

DEADLINE = 30
ROUND = 20  # messages that are taken before something else happens
pytestmark = [ON_POSTGRESQL, MEMBERS]


def test_nothing_is_lost_refused_or_doubled_while_it_is_away(
    start_server: Callable[..., Server], redis_server: RedisServer
) -> None:
    key = secrets.token_urlsafe(48)
    here, there = [start_server(REDIS_URL=redis_server.url, SECRET_KEY=key) for _ in range(2)]

    def say(what: str, times: int) -> None:
        within(DEADLINE, lambda: all(each.output().count(what) >= times for each in (here, there)))

    say("answers", 1)
    alice, bob = here.sign_in("alice", THEIRS), there.sign_in("bob", THEIRS)
    with open_stream(bob, str(messages.newest_cursor())) as stream:
        with all_posting(alice, bob) as posted:
            more(posted)
            redis_server.kill()
            say("Redis can't be used", 1)
            more(posted)
            redis_server.start()
            say("answers", 2)
            more(posted)
            redis_server.hang()
            say("Redis can't be used", 2)
            more(posted)
            redis_server.go_on()
            say("answers", 3)
            more(posted)
        assert sorted(next(stream).text for _ in posted) == sorted(posted)
    assert PASSWORD not in here.output() + there.output()


@contextmanager
def all_posting(*people: httpx2.Client) -> Generator[list[str]]:
    """Let people post all the time; yield what was taken so far. Nothing may be refused."""
    posted: list[str] = []
    ended = threading.Event()

    def go_on(person: httpx2.Client) -> None:
        while not ended.is_set():
            text = secrets.token_hex(8)
            assert person.post("/api/message", json={"message": text}).status_code == 201
            posted.append(text)

    with ThreadPoolExecutor() as pool:
        posting = [pool.submit(go_on, person) for person in people]
        try:
            yield posted
        finally:
            ended.set()
        for each in posting:
            each.result(DEADLINE)


def more(posted: list[str]) -> None:
    count = len(posted) + ROUND
    within(DEADLINE, lambda: len(posted) >= count)
