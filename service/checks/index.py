"""The full-text index: whether it holds what the messages say."""

from collections.abc import Generator, Iterator

from service import db, reindex
from service.models import Message

BATCH = 1000  # messages at a time, so that a large board needs no more memory than a small one


def check() -> Generator[str, None, str]:
    """Find messages whose words are not those of their text, and an index without their words."""
    seen = wrong = 0
    for row in _messages():
        seen += 1
        # An older release knows of no words; the next search makes them.
        wrong += row.words is not None and not reindex.words_are_right(row)
    if wrong:
        yield f"Search has the wrong words for {wrong} of {seen} messages: run `board reindex`."
    if not reindex.index_is_whole():
        yield "The search index is not that of the messages: run `board reindex`."
    return f"{seen} messages"


def _messages() -> Iterator[Message]:
    last = 0
    while True:
        with db.read():
            rows = list(Message.select().where(Message.id > last).order_by(Message.id).limit(BATCH))
        if not rows:
            return
        yield from rows
        last = rows[-1].id
