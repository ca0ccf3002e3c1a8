"""Posts over HTTP, as fast as so many clients can."""

import itertools
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from service.data import db
from tests.bench import beside, boards, peers, rush, served
from tests.bench.rows import Round, Row, Run
from tests.databases import BOTH

CLIENTS = (1, 4, 16)
TEXT = "Deployed v1.2.{}: the kitchen is open again, lunch is at noon."
HEADERS = "POST /api/message HTTP/1.1\r\nHost: board\r\nContent-Type: application/json\r\n"
ROWS = (
    "INSERT INTO messages (author_id, text, timestamp, client_key, words, posted_digest, seq)"
    " VALUES (1, 'Lunch', '2026-01-01', {mark}, '# lunch', '', 0) RETURNING id",
    "INSERT INTO events (seq, kind, message_id, created_at)"
    " VALUES ({mark}, 'posted', {mark}, '2026-01-01')",
)
EVENTS = itertools.count(1)


def posts(run: Run) -> Iterator[Row]:
    """Posts a second, beside the same two rows inserted through the driver, by one."""
    for kind in BOTH:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(boards.empty(kind, run.postgres, folder / "board"))
            stack.enter_context(boards.empty(kind, run.postgres, folder / "bare"))
            board, server = stack.enter_context(served.board(url, folder))
            works = {"ours": rush.at(board, _posting(served.cookie(server))), "reference": _bare}
            peer = stack.enter_context(peers.pocketbase(run.peer if kind == "sqlite" else None))
            if peer:
                works["peer"] = rush.at(peer.server, peer.posting(TEXT))
            if other := stack.enter_context(beside.board(kind, run, folder / "beside")):
                works["beside"] = rush.at(other[0], _posting(served.cookie(other[1])))
            for clients in CLIENTS:
                yield Row(f"post, {kind}", clients, "/s", **rush.in_turn(works, clients))


def _posting(cookie: str) -> rush.Ask:
    head = f"{HEADERS}Cookie: {cookie}\r\n"

    def ask(number: int) -> bytes:
        body = json.dumps({"message": TEXT.format(number)})
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    return ask


def _bare(_: int) -> Round:
    """Insert the rows of one post after another into the board that was opened last."""
    message, event = (each.format(mark="?" if db.on_sqlite() else "%s") for each in ROWS)
    took: list[float] = []
    started, used = time.perf_counter(), time.process_time()
    with db.read():
        cursor = db.database.cursor()
        while (begun := time.perf_counter()) < started + rush.SECONDS:
            cursor.execute("BEGIN IMMEDIATE" if db.on_sqlite() else "BEGIN")
            cursor.execute(message, (secrets.token_hex(8),))
            cursor.execute(event, (next(EVENTS), cursor.fetchone()[0]))
            cursor.execute("COMMIT")
            took.append(1000 * (time.perf_counter() - begun))
    return Round(took, time.perf_counter() - started, time.process_time() - used)
