"""Find messages, newest first: the same answers from SQLite's FTS5 and PostgreSQL's tsvector.

Both index the words that `words.indexed` made of a message. FTS5 can walk its matches backwards.
A GIN index can't: on PostgreSQL each word is indexed together with the chunk of ids its message is
in, and the chunks are asked one by one, newest first, until a page is full. So neither a common
word nor one that was common long ago makes it look at more than that.
"""

import calendar
import datetime as dt
import time
from collections.abc import Iterable, Iterator

from service.access import visible
from service.access.visible import Reader
from service.base import clock, metrics, words
from service.base.errors import Invalid
from service.base.numbers import MAX_ID
from service.data import db, timed
from service.data.tables import Message, User
from service.search.query import FIRST_YEAR, Phrase, Query

CATCH_UP = 500  # messages at a time
LONGEST = 3.0  # seconds of a search
TOO_SLOW = "This search takes too long. Add a word, a name or a day to narrow it."

SQLITE = """
SELECT m.id FROM message_index AS i JOIN messages AS m ON m.id = i.rowid
WHERE message_index MATCH :match AND i.rowid < :before
    AND m.timestamp >= :since AND m.timestamp < :until
    AND +m.room_id = :room AND +m.room_id IN {rooms}
ORDER BY i.rowid DESC LIMIT :limit
"""
# A chunk is 8,192 ids, as the function search_vector of migrations/0002_search.py has it.
# `id + 0`, and `+` above: no other index must lure the planner away from the few matches.
POSTGRESQL = """
SELECT m.id FROM generate_series(
    (SELECT max(id) FROM messages WHERE id < %(before)s) >> 13,
    (SELECT min(id) FROM messages) >> 13, -1
) AS chunk, LATERAL (
    SELECT id FROM messages
    WHERE search @@ replace(%(match)s, '~', chunk::text)::tsquery AND id + 0 < %(before)s
        AND timestamp >= %(since)s AND timestamp < %(until)s
        AND room_id + 0 = %(room)s AND room_id + 0 = ANY(ARRAY{rooms})
    ORDER BY id + 0 DESC LIMIT %(limit)s
) AS m LIMIT %(limit)s
"""

NOTHING = (Phrase((words.author_word(0),)),)  # nobody has the id 0

Groups = list[tuple[Phrase, ...]]  # at least one phrase of each must be there


def newest_ids(me: Reader, query: Query, room: int, before: int | None, limit: int) -> list[int]:
    """Return the ids of a room's newest messages that match, before a number; newest first.

    Raises Invalid if that takes too long.
    """
    since = query.since or dt.datetime.min.replace(tzinfo=dt.UTC)
    until = query.until or dt.datetime.max.replace(tzinfo=dt.UTC)
    if query.is_empty or since >= until:
        return []
    groups = _groups(query)
    others = _phrases(map(words.author_word, _user_ids(query.not_authors)))
    unwanted = (*(way for phrase in query.unwanted for way in phrase.ways), *others)
    edges = [Message.timestamp.db_value(moment) for moment in (since, until)]
    statement, written = (SQLITE, _fts5) if db.on_sqlite() else (POSTGRESQL, _tsquery)
    statement = statement.format(rooms=visible.rooms(me).sql)
    values = dict(zip(("since", "until"), edges, strict=True))
    values |= {"room": room, "before": _end(me, room, before), "limit": limit}
    values["match"] = written(groups, unwanted)
    started = time.perf_counter()
    try:
        return [row[0] for row in timed.rows(LONGEST, statement, values)]
    except timed.TookTooLong:
        raise Invalid(q=TOO_SLOW) from None
    finally:
        metrics.searches.observe(time.perf_counter() - started)


def catch_up() -> None:
    """Make the words of messages that a release before this one wrote while both were running."""
    while True:
        with db.read():
            missing = list(
                Message.select().where(Message.words.is_null()).order_by(Message.id).limit(CATCH_UP)
            )
        if not missing:
            return
        with db.write():
            for row in missing:
                made = words.indexed(row.text, row.author_id, row.timestamp)
                Message.update(words=made).where(
                    Message.id == row.id, Message.text == row.text, Message.words.is_null()
                ).execute()


def _end(me: Reader, room: int, before: int | None) -> int:
    """Return the id that a room's messages before a number are below."""
    from_there = visible.messages(me, Message.id).where(
        Message.room == room, Message.number >= before
    )
    first = from_there.order_by(Message.number).first() if before else None
    return first.id if first else MAX_ID


def _groups(query: Query) -> Groups:
    """Return what must hold, at least one phrase of each group."""
    groups: Groups = [phrase.ways for phrase in query.wanted]
    if query.authors:
        groups.append(_phrases(map(words.author_word, _user_ids(query.authors))) or NOTHING)
    if query.days:
        groups.append(_phrases(_days(query.since, query.until)) or NOTHING)
    return groups or [_phrases([words.EVERYTHING])]


def _phrases(each: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(Phrase((word,)) for word in each)


def _user_ids(names: tuple[str, ...]) -> list[int]:
    """Return who has one of some names, or is shown by it."""
    keys = [words.name_key(name) for name in names]
    named = (User.username_key << keys) | (User.display_key << keys)
    return [row.id for row in User.select(User.id).where(named)]


def _days(since: dt.datetime | None, until: dt.datetime | None) -> Iterator[str]:
    """Return the words of the years, months and days, in UTC, that a stretch of time touches."""
    day = since.date() if since else dt.date(FIRST_YEAR, 1, 1)
    next_year = dt.date(clock.now().year + 1, 12, 31)  # clocks may have been wrong
    last = min((until - dt.timedelta.resolution).date(), next_year) if until else next_year
    while day <= last:
        if (day.month, day.day) == (1, 1) and (end := dt.date(day.year, 12, 31)) <= last:
            yield words.day_word(day, 4)
        elif day.day == 1 and (end := _last_of_month(day)) <= last:
            yield words.day_word(day, 6)
        else:
            end = day
            yield words.day_word(day)
        day = end + dt.timedelta(days=1)


def _last_of_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _fts5(groups: Groups, unwanted: tuple[Phrase, ...]) -> str:
    """Return a condition in FTS5's language; no word holds a quote."""

    def text(phrase: Phrase) -> str:
        return f'"{" ".join(phrase.words)}"' + "*" * phrase.begins

    wanted = " AND ".join(f"({' OR '.join(map(text, group))})" for group in groups)
    return f"({wanted}) NOT ({' OR '.join(map(text, unwanted))})" if unwanted else wanted


def _tsquery(groups: Groups, unwanted: tuple[Phrase, ...]) -> str:
    """Return a condition in tsquery's language, `~` standing for the chunk; no word holds one."""

    def text(phrase: Phrase) -> str:
        each = (f"'~/{word}'" for word in phrase.words)
        return f"({' <-> '.join(each)}{':*' * phrase.begins})"

    wanted = " & ".join(f"({' | '.join(map(text, group))})" for group in groups)
    return wanted + "".join(f" & !{text(phrase)}" for phrase in unwanted)
