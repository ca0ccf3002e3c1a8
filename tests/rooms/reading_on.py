"""Pages of somebody that read on in a room, whatever happens, until they are refused."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle

import httpx2

from tests.people import PAGE, PROGRAM
from tests.servers import NO_TLS, Server

DEADLINE = 60  # seconds; the machine may be busy
PAUSE = 0.02


def follow(servers: Sequence[Server], cookies: httpx2.Cookies, slug: str, start: str) -> str:
    """Return all that a stream brings.

    Wherever it ends it goes on at the next server, from the last cursor that it got.
    """
    told, last = "", start
    for client in _clients(servers, cookies):
        headers, room = {"last-event-id": last}, {"room": slug}
        with (
            suppress(httpx2.TransportError),
            client.stream("GET", "/api/events", params=room, headers=headers) as answer,
        ):
            if answer.status_code == 404:
                return told
            for line in answer.iter_lines():
                told += f"{line}\n"
                if line.startswith("id: "):
                    last = line.removeprefix("id: ")
    raise AssertionError


def fetch(servers: Sequence[Server], cookies: httpx2.Cookies, slug: str) -> str:
    """Return all that is on the room's page and in its list, fetched again and again."""
    told = ""
    for client in _clients(servers, cookies):
        with suppress(httpx2.TransportError):
            answers = [client.get(f"/rooms/{slug}", headers=PAGE)]
            answers.append(client.get(f"/api/rooms/{slug}/messages", headers=PROGRAM))
            if {answer.status_code for answer in answers} == {404}:
                return told
            told += "".join(answer.text for answer in answers)
    raise AssertionError


def _clients(servers: Sequence[Server], cookies: httpx2.Cookies) -> Iterator[httpx2.Client]:
    """Yield a client of each server in turn, as long as anybody would wait."""
    deadline = time.monotonic() + DEADLINE
    for server in cycle(servers):
        assert time.monotonic() < deadline
        with httpx2.Client(
            base_url=server.url, cookies=cookies, timeout=DEADLINE, verify=NO_TLS
        ) as client:
            yield client
        time.sleep(PAUSE)
