"""The event log: a number for every change, and none left out."""

from collections.abc import Generator, Iterator

from service.data import db

# One statement, so that what is posted meanwhile is in all of it or in nothing.
LOG = """
SELECT (SELECT count(*) FROM event_counter), (SELECT max(seq) FROM event_counter),
    count(*), coalesce(min(seq), 0), coalesce(max(seq), 0)
FROM events
"""
FIRST_GAP = """
SELECT min(number) FROM (
    SELECT 1 AS number UNION ALL SELECT seq + 1 FROM events
) AS wanted WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = number)
"""
MISMATCHED = """
SELECT count(*), min(messages.id) FROM messages LEFT JOIN (
    SELECT message_id, max(seq) AS newest FROM events GROUP BY message_id
) AS log ON log.message_id = messages.id
WHERE newest IS NULL OR newest <> seq
"""
RESTORE = "stop the board and restore the newest backup."


def check() -> Generator[str, None, str]:
    """Find numbers that are missing, and messages that don't carry their newest one."""
    counters, counter, count, first, last = _row(LOG)
    if counters != 1:
        yield f"event_counter has {counters} rows instead of 1: {RESTORE}"
    elif count != counter or (count and (first, last) != (1, counter)):
        yield from _gaps(counter, count, last)
    wrong, example = _row(MISMATCHED)
    if wrong:
        yield (
            f"{wrong} messages, the first with id {example}, don't carry the number "
            f"of their newest event: {RESTORE}"
        )
    return f"1 to {last}, none missing" if count else "none yet"


def _row(statement: str) -> tuple[int, ...]:
    with db.read():
        return db.database.execute_sql(statement).fetchone()


def _gaps(counter: int, count: int, last: int) -> Iterator[str]:
    if last > counter:
        yield (
            f"The newest event has number {last} and the counter stands at {counter}, "
            f"so nobody can post: {RESTORE}"
        )
    missing = max(counter, last) - count
    if missing:
        (first,) = _row(FIRST_GAP)
        yield f"{missing} of {count + missing} events are missing, the first is {first}: {RESTORE}"
