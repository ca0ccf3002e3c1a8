"""An event in a small room and in a large one, while many read in 200 rooms."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from service.data import db
from service.rooms.places import BOARD_PLACE, Place
from tests.bench import hub, rooms, streaming, streams
from tests.bench.rows import Figure, Row, Run

READERS, EACH = 2000, 10  # of all rooms, and of one
NOBODY: list[int] = []


def events(run: Run) -> Iterator[Row]:
    """Milliseconds from a post until each reader of its room has it; what it costs the hub."""
    (count,) = streams.counts("events", run.readers)
    with streaming.both(count) as (board, reference, url):
        places = rooms.make(max(1, count // EACH))
        with db.write():
            for number, place in enumerate(places):
                rooms.join(place.id, board.people[number :: len(places)])
        for name, of in (("small", places), ("large", [BOARD_PLACE])):
            readers, figures = _delivered(board, reference, of, count)
            yield Row(f"delivery, {name} room", readers, "ms", *figures)
        alone = hub.cost(url, NOBODY, places)
        for name, of in (("small", places), ("large", [BOARD_PLACE])):
            figure = hub.cost(url, board.people, of)
            yield Row(
                f"hub, {name} room, {count} streams", _readers(of, count), "µs", figure, alone
            )


def _readers(places: list[Place], count: int) -> int:
    """Return how many of all readers are in the first room."""
    return len(range(0, count, len(places)))


def _delivered(
    board: streaming.Place, reference: streaming.Place, places: list[Place], count: int
) -> tuple[int, tuple[Figure, Figure]]:
    both = replace(board, rooms=places), replace(reference, rooms=places)
    return _readers(places, count), asyncio.run(streams.delivered(*both, count))
