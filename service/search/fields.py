"""A search as the fields of a form, and its filters as chips that can be taken away."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from service.search.query import DAYS, QUOTES, TERM, Query

HAS = ("link", "pin", "reaction", "reply")  # what the form offers


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the search without it."""

    words: str
    rest: str


def compose(given: Mapping[str, str]) -> str:
    """Return the text that asks for what a form's fields say."""
    values = {name: value.strip().replace('"', "") for name, value in given.items()}
    filters = ("from", "in", "has", "mentions", *DAYS)
    terms = [_filter(name, values[name]) for name in filters if values.get(name)]
    # Words come last: the last one may be a beginning.
    return " ".join([*terms, given.get("words", "").strip()]).strip()


def fields(query: Query) -> dict[str, str]:
    """Return a search as the fields of its form; what has no field stands with the words."""
    has = next((mark for mark in query.marks if mark in HAS), "")
    more = [_filter("from", name) for name in query.authors[1:]]
    more += [_filter("-from", name) for name in query.not_authors]
    more += [_filter("in", name) for name in query.rooms[1:]]
    more += [_filter("-in", name) for name in query.not_rooms]
    more += [f"has:{mark}" for mark in query.marks if mark not in {has, "mention"}]
    more += ["-mentions:me" if mark == "mention" else f"-has:{mark}" for mark in query.not_marks]
    return {
        "words": " ".join([*more, query.bare]).strip(),
        "from": query.authors[0] if query.authors else "",
        "in": query.rooms[0] if query.rooms else "",
        "has": has,
        "mentions": "me" if "mention" in query.marks else "",
        **{operator: str(day) for operator, day in query.days},
    }


def chips(query: Query) -> list[Chip]:
    """Return the filters of a search that could be read."""
    plain = unicodedata.normalize("NFKC", query.text).translate(QUOTES)
    terms = [term for term in TERM.finditer(plain) if term[0]]
    return [
        Chip(term[0].replace('"', ""), " ".join(each[0] for each in terms if each is not term))
        for term in terms
        if term["operator"]
    ]


def _filter(name: str, value: str) -> str:
    return f'{name}:"{value}"' if len(value.split()) > 1 else f"{name}:{value}"
