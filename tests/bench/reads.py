"""Reads over HTTP, as many as so many clients get."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from service.messages import writing
from tests.bench import boards, peers, rush, served
from tests.bench.rows import Row, Run
from tests.databases import BOTH

CLIENTS = (1, 16)
MESSAGES = 300
TEXT = "Deployed v1.2.{}: https://example.org/{} is open again, lunch is at noon."
ASKED = {
    "healthz": ("/healthz", "*/*", "identity"),
    "list": ("/api/messages", "application/json", "identity"),
    "page": ("/msgs", "text/html", "identity"),
    "page, gzip": ("/msgs", "text/html", "gzip"),
}
EMPTY = "empty"


def reads(run: Run) -> Iterator[Row]:
    """Answers a second, beside an empty FastAPI route under the same server."""
    with peers.pocketbase(run.peer) as peer, served.reference(served.EMPTY) as reference:
        if peer:
            peer.fill([TEXT.format(number, number) for number in range(MESSAGES)])
        for kind in BOTH:
            yield from _of(kind, run.postgres, reference, peer if kind == "sqlite" else None)


def _of(
    kind: str, postgres: str, reference: served.Served, peer: peers.Peer | None
) -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        boards.empty(kind, postgres, Path(folder)) as url,
    ):
        for number in range(MESSAGES):
            writing.post(1, TEXT.format(number, number))
        with served.board(url, Path(folder)) as (board, server):
            cookie = served.cookie(server)
            works = {EMPTY: rush.at(reference, _asking("/", "*/*", "identity", cookie))}
            works |= {case: rush.at(board, _asking(*of, cookie)) for case, of in ASKED.items()}
            if peer:
                works["peer"] = rush.at(peer.server, peer.newest)
            for clients in CLIENTS:
                figures = rush.in_turn(works, clients)
                for case in ASKED:
                    beside = figures.get("peer") if case == "list" else None
                    figure = figures[case], figures[EMPTY], beside
                    yield Row(f"{case}, {kind}", clients, "/s", *figure)


def _asking(path: str, accept: str, encoding: str, cookie: str) -> rush.Ask:
    head = f"GET {path} HTTP/1.1\r\nHost: board\r\nAccept: {accept}\r\n"
    request = f"{head}Accept-Encoding: {encoding}\r\nCookie: {cookie}\r\n\r\n".encode()
    return lambda _: request
