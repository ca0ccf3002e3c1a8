"""The full-text index: whether it holds what the messages say."""

import math
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service.base.program import PROGRAM
from service.data import db, sqlite
from service.data.tables import Message
from service.search import reindex

BATCH = 1000  # messages at a time, so that a large board needs no more memory than a small one
# It changes nothing, but as it is written so, SQLite would let nobody else write meanwhile.
FTS5_COMPARE = "INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)"
GIN_IS_VALID = """
SELECT coalesce(bool_and(indisvalid), false) FROM pg_index
WHERE indexrelid = to_regclass('messages_search')
"""
SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
DIFFERS = f"The search index is not that of the messages: run `{PROGRAM} reindex`."


def check() -> Generator[str, None, str]:
    """Find messages whose words are not those of their text, and an index without their words."""
    seen = wrong = 0
    for row in _messages():
        seen += 1
        # An older release knows of no words; the next search makes them.
        wrong += row.words is not None and not reindex.words_are_right(row)
    if wrong:
        yield f"Search has the wrong words for {wrong} of {seen} messages: run `{PROGRAM} reindex`."
    if db.on_sqlite():
        yield from _fts5()
    elif not _value(GIN_IS_VALID):
        yield DIFFERS
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


def _fts5() -> Iterator[str]:
    """Compare the index with the messages, in a copy so that nobody waits."""
    file, size = Path(db.database.obj.database), _value(SIZE)
    if shutil.disk_usage(file.parent).free < 2 * size:  # the board needs room meanwhile, too
        yield (
            f"The search index was not compared, as {file.parent} has no room for a copy of the "
            f"database: make {math.ceil(2 * size / 1_000_000):,} MB free on its disk."
        )
        return
    # Its name is no other's, and what is in it its owner's alone.
    with TemporaryDirectory(prefix=f"{file.name}.copy-", dir=file.parent) as folder:
        copied = Path(folder) / file.name
        sqlite.copy(file, copied)
        if not _is_whole(copied):
            yield DIFFERS


def _is_whole(file: Path) -> bool:
    with closing(sqlite.library.connect(file)) as copy:
        try:
            copy.execute(FTS5_COMPARE)
        except sqlite.library.OperationalError:
            raise  # it could not be asked
        except sqlite.library.DatabaseError:
            return False
    return True


def _value(statement: str) -> Any:
    with db.read():
        return db.database.execute_sql(statement).fetchone()[0]
