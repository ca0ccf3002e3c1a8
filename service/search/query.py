"""What people type to search: words, "a phrase", -not, and filters.

They are from:name, in:room, has:link, has:pin, has:reaction, has:reply, mentions:me, and before:,
after: and on: a day.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from service.base import characters, clock, words
from service.base.errors import Invalid

MAX_QUERY = 500  # characters
MAX_TERMS = 50
MAX_WORDS = 200  # that the index is asked for; a run without spaces has one for each pair
FIRST_YEAR, LAST_YEAR = 1970, 9998  # every zone can tell where their days begin
QUOTES = str.maketrans("“”„‟", '""""')  # as phones and word processors write them
TERM = re.compile(
    r"(?P<no>(?:-(?!-))?)(?:(?P<operator>from|in|has|mentions|before|after|on):)?"
    r'(?:"(?P<quoted>[^"]*)(?P<closed>"?)|(?P<bare>\S*))',
    re.IGNORECASE,
)
Mark = Literal["link", "pin", "reaction", "reply", "mention"]  # the last one of who asks
HAS: tuple[Mark, ...] = get_args(Mark)[:-1]
DAYS = ("on", "after", "before")
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class Phrase:
    """Words that stand next to one another; of the last one perhaps only its beginning is known."""

    words: tuple[str, ...]
    begins: bool = False

    @property
    def ways(self) -> tuple["Phrase", ...]:
        """Return the phrases that fulfil it: itself, and of 1.2.3 also v1.2.3."""
        first, *rest = self.words
        if not (rest and first.isdecimal() and rest[0].isdecimal()):
            return (self,)
        return self, Phrase((f"v{first}", *rest), self.begins)

    def stands_in(self, found: Sequence[str]) -> bool:
        """Say whether words have these next to one another."""
        *exact, last = self.words
        size = len(exact)
        return any(
            list(found[start : start + size]) == exact
            and (
                found[start + size].startswith(last) if self.begins else found[start + size] == last
            )
            for start in range(len(found) - size)
        )


@dataclass(frozen=True)
class Query:
    """What is looked for: all that is wanted and nothing unwanted, by any of the authors."""

    text: str  # as it was typed
    wanted: tuple[Phrase, ...] = ()
    unwanted: tuple[Phrase, ...] = ()
    authors: tuple[str, ...] = ()
    not_authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    not_rooms: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    not_marks: tuple[Mark, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None  # not included
    bare: str = ""  # what was typed beside filters
    days: tuple[tuple[str, dt.date], ...] = ()  # the days as typed, each with its operator

    @property
    def is_empty(self) -> bool:
        """Say whether it asks for nothing that could be found; punctuation alone does so."""
        asked = (self.wanted, self.unwanted, self.authors, self.not_authors, self.days)
        return not any((*asked, self.rooms, self.not_rooms, self.marks, self.not_marks))


def parse(text: str, zone: str) -> Query:
    """Return what `text` asks for, its days by the calendar of `zone`; raise Invalid."""
    _check(text)
    plain = unicodedata.normalize("NFKC", text).translate(QUOTES)
    terms = [term for term in TERM.finditer(plain) if term[0]]
    if len(terms) > MAX_TERMS:
        raise Invalid(q=f"A search can have {MAX_TERMS} words and filters.")
    phrases = [(term, _phrase(term, plain)) for term in terms if not term["operator"]]
    names = [(term, _name(term)) for term in terms if _operator(term) == "from"]
    rooms = [(term, _room(term)) for term in terms if _operator(term) == "in"]
    marks = [(term, _mark(term)) for term in terms if _operator(term) in {"has", "mentions"}]
    days = [(op, _day(term, zone)) for term in terms if (op := _operator(term)) in DAYS]
    edges = [_edges(operator, day, zone) for operator, day in days]
    if (count := sum(len(phrase.words) for _, phrase in phrases)) > MAX_WORDS:
        raise Invalid(
            q=f"A search can look for {MAX_WORDS} words or characters; this one has {count}."
        )
    wanted, unwanted = _apart([(term, phrase) for term, phrase in phrases if phrase.words])
    return Query(
        text,
        *(wanted, unwanted),
        *(*_apart(names), *_apart(rooms), *_apart(marks)),
        since=max((since for since, _ in edges if since), default=None),
        until=min((until for _, until in edges if until), default=None),
        bare=" ".join(term[0] for term in terms if not term["operator"]),
        days=tuple(days),
    )


def marks(query: Query, text: str) -> list[tuple[int, int]]:
    """Return the places in `text` of what is wanted, each as its start and end, in order."""
    found = words.split(text)
    ways = (way for phrase in query.wanted for way in phrase.ways)
    places = sorted(place for way in ways for place in _places(way, found))
    merged: list[tuple[int, int]] = []
    for place in places:
        start, end = merged[-1] if merged else (0, -1)
        if place[0] <= end:  # they overlap, as the pairs of unspaced characters do
            merged[-1] = (start, max(end, place[1]))
        else:
            merged.append(place)
    return merged


def _check(text: str) -> None:
    if len(text) > MAX_QUERY:
        raise Invalid(q=f"A search can have {MAX_QUERY} characters; this one has {len(text)}.")
    if not characters.can_be_stored(text):
        raise Invalid(q="This search holds a character that can't be stored, so nothing has it.")


type Terms[T] = list[tuple[re.Match[str], T]]


def _apart[T](terms: Terms[T]) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """Return what is wanted and what is not, each thing once, in order."""
    wanted = dict.fromkeys(thing for term, thing in terms if not term["no"])
    return tuple(wanted), tuple(dict.fromkeys(thing for term, thing in terms if term["no"]))


def _operator(term: re.Match[str]) -> str:
    return (term["operator"] or "").lower()


def _value(term: re.Match[str]) -> str:
    return term["bare"] if term["quoted"] is None else term["quoted"]


def _phrase(term: re.Match[str], text: str) -> Phrase:
    found = words.split(_value(term))
    kept = [word.text for word in found]
    if found and found[-1].kind == "last":  # a run goes on in the text, or is a single character
        if len(found) == 1 or found[-2].kind != "pair":
            return Phrase(tuple(kept), begins=True)
        return Phrase(tuple(kept[:-1]))
    # What is being typed at the end may become a longer word.
    being_typed = term.end() == len(text) and not term["no"] and not term["closed"]
    return Phrase(tuple(kept), begins=being_typed and bool(kept))


def _name(term: re.Match[str]) -> str:
    name = _value(term).strip()
    if not name:
        raise Invalid(q="from: needs a name, such as from:alice.")
    return name


def _room(term: re.Match[str]) -> str:
    name = _value(term).strip()
    if not name:
        raise Invalid(q='in: needs a room, such as in:board or in:"Town hall".')
    return name


def _mark(term: re.Match[str]) -> Mark:
    operator, value = _operator(term), _value(term).strip().lower()
    if operator == "mentions":
        if value != "me":
            raise Invalid(q="mentions: can be asked of oneself alone: mentions:me.")
        return "mention"
    for mark in HAS:
        if value == mark:
            return mark
    raise Invalid(q="has: can be has:link, has:pin, has:reaction or has:reply.")


def _day(term: re.Match[str], zone: str) -> dt.date:
    operator, value = _operator(term), _value(term).lower()
    today = clock.local(clock.now(), zone).date()
    near = {"today": today, "yesterday": today - dt.timedelta(days=1)}
    if term["no"]:
        raise Invalid(q=f"Write {operator}: without a - before it.")
    if value in near:
        return near[value]
    written = DAY.fullmatch(value)
    day = written and _date(*map(int, written.groups()))
    if not day:
        raise Invalid(q=f"{operator}: needs a day, such as {operator}:{today}.")
    return day


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def _edges(operator: str, day: dt.date, zone: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return from when to when a filter reaches."""
    start, end = clock.day_start(day, zone), clock.day_start(day + dt.timedelta(days=1), zone)
    return {"before": (None, start), "after": (end, None), "on": (start, end)}[operator]


def _places(phrase: Phrase, found: list[words.Word]) -> Iterator[tuple[int, int]]:
    length = len(phrase.words)
    for first in range(len(found) - length + 1):
        *exact, last = found[first : first + length]
        if tuple(word.text for word in exact) == phrase.words[:-1] and _is_last(phrase, last):
            single = last.kind == "pair" and phrase.begins  # one character, the first of two
            end = found[first + length].start if single else last.end
            yield found[first].start, end


def _is_last(phrase: Phrase, word: words.Word) -> bool:
    wanted = phrase.words[-1]
    return word.text.startswith(wanted) if phrase.begins else word.text == wanted
