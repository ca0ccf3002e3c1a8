"""The newest page of a room, however much there is: boards of ever more messages in 50 rooms."""

import random
import time
from collections.abc import Iterator

from service.access.visible import EVERYONE
from service.data import db
from service.messages import messages
from tests.bench import boards
from tests.bench.measure import summary
from tests.bench.rows import Figure, Row, Run

FEWER = (100, 10)  # times
PAGES = 200  # of each board, a round


def newest(run: Run) -> Iterator[Row]:
    """Milliseconds (p50) for a room's newest page, without HTTP, beside the smallest board's."""
    counts = [max(1, run.messages // times) for times in FEWER] + [run.messages]
    made = {count: boards.both(count, run.postgres, fresh=run.fresh)[0] for count in counts}
    for kind in made[run.messages]:
        took: dict[int, list[float]] = {count: [] for count in counts}
        for _ in range(run.runs):  # in turn, so that a noisy moment meets all
            for count in counts:
                took[count] += _pages(made[count][kind])
        figures = {count: _figure(each) for count, each in took.items()}
        for count, figure in figures.items():
            yield Row(f"newest of {count:,}, {kind}", 1, "ms", figure, figures[counts[0]])


def _pages(url: str) -> list[float]:
    """Return how many milliseconds each page took, of rooms in no order."""
    rng = random.Random(url)
    db.open_database(url)
    for room in range(1, boards.ROOM_COUNT + 1):  # once to warm up
        messages.newest(EVERYONE, room=room)
    took = [_page(rng.randrange(boards.ROOM_COUNT) + 1) for _ in range(PAGES)]
    db.close_database()
    return took


def _page(room: int) -> float:
    started = time.perf_counter()
    messages.newest(EVERYONE, room=room)
    return 1000 * (time.perf_counter() - started)


def _figure(took: list[float]) -> Figure:
    each = summary(took)
    return Figure(each["p50"], each["p99"])
