"""Reads over HTTP, as many as so many clients get."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from service.messages import writing
from tests.bench import beside, boards, peers, rush, served
from tests.bench.rows import Figure, Row, Run
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
TEXTS = [TEXT.format(number, number) for number in range(MESSAGES)]
EMPTY, BESIDE = "empty", "beside"


def reads(run: Run) -> Iterator[Row]:
    """Answers a second, beside an empty FastAPI route under the same server."""
    with peers.pocketbase(run.peer) as peer, served.reference(served.EMPTY) as reference:
        if peer:
            peer.fill(TEXTS)
        for kind in BOTH:
            yield from _of(kind, run, reference, peer if kind == "sqlite" else None)


def _of(kind: str, run: Run, reference: served.Served, peer: peers.Peer | None) -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        boards.empty(kind, run.postgres, Path(folder)) as url,
        beside.board(kind, run, Path(folder, BESIDE)) as other,
    ):
        for text in TEXTS:
            writing.post(1, text)
        with served.board(url, Path(folder)) as (board, server):
            cookie = served.cookie(server)
            works = {EMPTY: rush.at(reference, asking("/", "*/*", "identity", cookie))}
            works |= _works(board, cookie)
            if peer:
                works["peer"] = rush.at(peer.server, peer.newest)
            if other:
                beside.fill(other[1], TEXTS)
                works |= _works(other[0], served.cookie(other[1]), BESIDE)
            for clients in CLIENTS:
                figures = rush.in_turn(works, clients)
                yield from (_row(case, kind, clients, figures) for case in ASKED)


def _works(server: served.Served, cookie: str, whose: str = "") -> dict[str, rush.Work]:
    return {whose + case: rush.at(server, asking(*of, cookie)) for case, of in ASKED.items()}


def _row(case: str, kind: str, clients: int, figures: dict[str, Figure]) -> Row:
    peer = figures.get("peer") if case == "list" else None
    figure = figures[case], figures[EMPTY], peer, figures.get(BESIDE + case)
    return Row(f"{case}, {kind}", clients, "/s", *figure)


def asking(path: str, accept: str, encoding: str, cookie: str) -> rush.Ask:
    head = f"GET {path} HTTP/1.1\r\nHost: board\r\nAccept: {accept}\r\n"
    request = f"{head}Accept-Encoding: {encoding}\r\nCookie: {cookie}\r\n\r\n".encode()
    return lambda _: request
