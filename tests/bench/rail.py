"""The rail of somebody who is in 200 rooms: by itself, and beside the newest page."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from service.access.visible import Member
from service.data import db
from service.messages import writing
from service.unread import unread
from tests.bench import boards, rooms, rush, served
from tests.bench.reads import TEXTS, asking
from tests.bench.rows import Round, Row, Run
from tests.databases import BOTH
from tests.people import add_person

ALICE = 1
PAGE, RAIL = ("/msgs", "text/html", "identity"), ("/rooms/rail", "text/html", "identity")
ROOMS = rooms.OPEN + rooms.DIRECT


def rail(run: Run) -> Iterator[Row]:
    """Milliseconds for a rail of 200 rooms, beside an empty route; its page beside one of one."""
    with served.reference(served.EMPTY) as reference:
        for kind in BOTH:
            yield from _of(kind, run, reference)


def _of(kind: str, run: Run, reference: served.Served) -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        boards.empty(kind, run.postgres, Path(folder)) as url,
    ):
        _fill()
        with served.board(url, Path(folder)) as (board, server):
            cookie, other = served.cookie(server), served.cookie(server, "bob")
            works = {
                "empty": rush.at(reference, asking("/", "*/*", "identity", cookie)),
                "rail": rush.at(board, asking(*RAIL, cookie)),
                "page": rush.at(board, asking(*PAGE, cookie)),
                "page of one": rush.at(board, asking(*PAGE, other)),
                "statement": _statement,
            }
            found = rush.in_turn(works, 1, rush.milliseconds)
    yield Row(f"rail of {ROOMS}, {kind}", 1, "ms", found["rail"], found["empty"])
    yield Row(f"page with a rail of {ROOMS}, {kind}", 1, "ms", found["page"], found["page of one"])
    yield Row(f"its statement, {kind}", 1, "ms", found["statement"], found["empty"])


def _fill() -> None:
    other = add_person("bob").id
    for text in TEXTS:
        writing.post(ALICE, text)
    places = rooms.make(rooms.OPEN, [ALICE])
    places += rooms.make(rooms.DIRECT, [ALICE, other], "direct")
    rooms.talk(places, ALICE, other)
    if not db.on_sqlite():
        with db.read():
            db.database.execute_sql("ANALYZE")  # as its autovacuum would


def _statement(_: int) -> Round:
    """Ask for what is in the rail, without HTTP, one time after another."""
    took: list[float] = []
    started, used = time.perf_counter(), time.process_time()
    with db.read():
        while (begun := time.perf_counter()) < started + rush.SECONDS:
            unread.seats(Member(ALICE))
            took.append(1000 * (time.perf_counter() - begun))
    return Round(took, time.perf_counter() - started, time.process_time() - used)
