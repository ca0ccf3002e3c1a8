"""Find messages, newest first: the same answers from SQLite's FTS5 and PostgreSQL's tsvector.

Both index the words that `words.indexed` made of a message. FTS5 can walk its matches backwards.
A GIN index can't: on PostgreSQL each word is indexed together with the chunk of ids its message is
in, and the chunks are asked one by one, newest first, until a page is full. So neither a common
word nor one that was common long ago makes it look at more than that.
"""

import calendar
import datetime as dt
import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import SQL

from service.access import visible
from service.access.visible import Reader
from service.base import clock, metrics, words
from service.base.errors import Invalid
from service.base.numbers import MAX_ID
from service.data import db, timed
from service.data.tables import Message, User
from service.search import marked
from service.search.query import FIRST_YEAR, Phrase, Query

AT_ONCE = 200  # of few messages
CATCH_UP = 500  # messages at a time
LONGEST = 3.0  # seconds of a search
TOO_SLOW = "This search takes too long. Add a word, a name or a day to narrow it."

SQLITE = """
SELECT m.id FROM message_index AS i JOIN messages AS m ON m.id = i.rowid
WHERE message_index MATCH :match AND i.rowid < :before
    AND m.timestamp >= :since AND m.timestamp < :until
    AND +m.room_id IN {rooms} AND {more}
ORDER BY i.rowid DESC LIMIT :limit
"""
# A chunk is 8,192 ids, as the function search_vector of migrations/0002_search.py has it.
# `id + 0`, and `+` above: no other index must lure the planner away from the few matches.
POSTGRESQL = """
SELECT found.id FROM generate_series(
    (SELECT max(id) FROM messages WHERE id < %(before)s) >> 13,
    (SELECT min(id) FROM messages) >> 13, -1
) AS chunk, LATERAL (
    SELECT m.id FROM messages AS m
    WHERE search @@ replace(%(match)s, '~', chunk::text)::tsquery AND m.id + 0 < %(before)s
        AND timestamp >= %(since)s AND timestamp < %(until)s
        AND room_id + 0 = ANY(ARRAY{rooms}) AND {more}
    ORDER BY m.id + 0 DESC LIMIT %(limit)s
) AS found LIMIT %(limit)s
"""
NOTHING = (Phrase((words.author_word(0),)),)  # nobody has the id 0
LINKS = (Phrase(("https",)), Phrase(("http",)))  # of which few begin no address

Groups = list[tuple[Phrase, ...]]  # at least one phrase of each must be there


@dataclass(frozen=True)
class Within:
    """Where is searched: in some rooms or in all but some, below an id."""

    rooms: frozenset[int] | None = None
    not_rooms: frozenset[int] = frozenset()
    before: int | None = None


def newest_ids(me: Reader, query: Query, within: Within, limit: int) -> list[int]:
    """Return the ids of the newest messages that match, of those that `me` may see; newest first.

    Raises Invalid if that takes too long.
    """
    since = query.since or dt.datetime.min.replace(tzinfo=dt.UTC)
    until = query.until or dt.datetime.max.replace(tzinfo=dt.UTC)
    if query.is_empty or since >= until or within.rooms == frozenset():
        return []
    started = time.perf_counter()
    try:
        few = marked.few(me, query, within.rooms)
        if few is not None:
            return list(itertools.islice(_of_few(me, query, within, few), limit))
        return _of_all(me, query, within, limit, since, until)
    except timed.TookTooLong:
        raise Invalid(q=TOO_SLOW) from None
    finally:
        metrics.searches.observe(time.perf_counter() - started)


def _of_all(
    me: Reader, query: Query, within: Within, limit: int, *stretch: dt.datetime
) -> list[int]:
    """Return what the index finds within a stretch of time."""
    edges = [Message.timestamp.db_value(moment) for moment in stretch]
    values: dict[str, Any] = dict(zip(("since", "until"), edges, strict=True))
    values |= {"before": within.before or MAX_ID, "limit": limit}
    sqlite, postgresql = (SQLITE, _fts5, "i.rowid"), (POSTGRESQL, _tsquery, "")
    statement, written, its_id = sqlite if db.on_sqlite() else postgresql
    values["match"] = written(*_asked(query))
    more = marked.conditions(me, query, within.rooms, within.not_rooms, its_id=its_id)
    statement = statement.format(rooms=visible.rooms(me).sql, more=more)
    return [row[0] for row in timed.rows(LONGEST, statement, values)]


def _of_few(me: Reader, query: Query, within: Within, few: list[int]) -> Iterator[int]:
    """Yield those of few messages that match, by their own words instead of the index."""
    more = marked.conditions(me, query, within.rooms, within.not_rooms, m='"t1"')
    there = visible.messages(me, Message.id, Message.words, Message.timestamp)
    there = there.where(Message.id < (within.before or MAX_ID), SQL(more))
    groups, unwanted = _asked(query)
    for ids in itertools.batched(few, AT_ONCE, strict=False):
        for row in there.where(Message.id << ids).order_by(Message.id.desc()):
            if _is_within(query, row.timestamp) and _has_all(row, groups, unwanted):
                yield row.id


def _is_within(query: Query, moment: dt.datetime) -> bool:
    after = query.since is None or query.since <= moment
    return after and (query.until is None or moment < query.until)


def _has_all(row: Message, groups: Groups, unwanted: tuple[Phrase, ...]) -> bool:
    """Say whether a message's words are as the index would find them."""
    found = str(row.words).split()
    held = all(any(phrase.stands_in(found) for phrase in group) for group in groups)
    return held and not any(phrase.stands_in(found) for phrase in unwanted)


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


def _asked(query: Query) -> tuple[Groups, tuple[Phrase, ...]]:
    """Return what a message must have, and what it must not have."""
    others = _phrases(map(words.author_word, _user_ids(query.not_authors)))
    return _groups(query), (*(way for each in query.unwanted for way in each.ways), *others)


def _groups(query: Query) -> Groups:
    """Return what must hold, at least one phrase of each group."""
    groups: Groups = [phrase.ways for phrase in query.wanted]
    if query.authors:
        groups.append(_phrases(map(words.author_word, _user_ids(query.authors))) or NOTHING)
    if query.days:
        groups.append(_phrases(_days(query.since, query.until)) or NOTHING)
    if "link" in query.marks:
        groups.append(LINKS)
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
