"""What is measured: a page of a search as the server makes it, and what a change costs."""

import itertools
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from service.access.visible import EVERYONE, Member
from service.data import db
from service.data.tables import Message, User
from service.messages import everywhere, messages, writing
from service.search import query
from tests.bench import texts
from tests.bench.kinds import QUERIES, Case, Sample, Written

ZONE = "Europe/Berlin"
SAMPLE = 10_000  # messages
POSTS = 300
ASKING = 1  # the id of who searches
SEED = "what people look for"


@dataclass
class Timing:
    """How long one query took, in milliseconds, and how many messages its first page has."""

    case: Case
    hits: int = 0
    first: float = 0
    warm: list[float] = field(default_factory=list)


def sample(count: int) -> Sample:
    """Return some of the open board's `count` messages, from all its time."""
    ids = range(1, count + 1, max(1, count // SAMPLE))
    rows = Message.select(Message.id, Message.text, User.username).join(User, on=Message.author)
    rows = rows.where(Message.id << ids, Message.text != "").order_by(Message.id)
    with db.read():
        written = [Written(row.id, row.author.username, row.text) for row in rows]
    return Sample(written, random.Random(SEED))


def search(cases: list[Case], runs: int) -> list[Timing]:
    """Ask every query once and then `runs` times more, each time in another order."""
    timings = [Timing(case) for case in cases]
    rng = random.Random(SEED)
    for run in range(runs + 1):
        for timing in rng.sample(timings, len(timings)):
            case = timing.case
            page, took = _timed(partial(_page, case))
            if run:
                timing.warm.append(took)
            else:
                timing.first, timing.hits = took, len(page.hits)
    return timings


def newest(runs: int) -> list[float]:
    """Return how long the newest page takes, which nobody has to look for."""
    return [_timed(lambda: messages.newest(EVERYONE))[1] for _ in range(QUERIES * runs)]


def changes(sample: Sample) -> dict[str, list[float]]:
    """Post messages, edit each and delete it again; return what each took."""
    took: dict[str, list[float]] = {"a post": [], "an edit": [], "a deletion": []}
    rng = random.Random(SEED)
    for first, second in itertools.batched(
        rng.choices(sample.messages, k=2 * POSTS), 2, strict=True
    ):
        author = rng.randrange(1, len(texts.author_names()) + 1)
        post, posting = _timed(partial(writing.post, author, first.text))
        _, editing = _timed(partial(writing.edit, Member(author), post.id, second.text))
        _, deleting = _timed(partial(writing.delete, Member(author), post.id))
        for what, time_taken in zip(took, (posting, editing, deleting), strict=True):
            took[what].append(time_taken)
    return took


def summary(times: list[float]) -> dict[str, float]:
    """Return the percentiles that tell how long people wait, in milliseconds."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    each = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(times)}
    return {name: round(value, 2) for name, value in each.items()}


def _page(case: Case) -> everywhere.Found:
    return everywhere.find(Member(ASKING), query.parse(case.text, ZONE), case.before)


def _timed[Result](work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    return result, 1000 * (time.perf_counter() - start)
