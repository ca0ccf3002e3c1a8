"""Text as the words it is found by: one way for what is stored and what is asked.

Case, width and accents fall away, letters stay: é becomes e, but й is not и and が is not か.
"""

import datetime as dt
import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

MAX_WORD = 64  # characters of a word that count; PostgreSQL takes 2,046 bytes
EVERYTHING = "#"  # a word that every message has
PART = re.compile(r"\S+")
ASCII_WORD = re.compile(r"[a-z0-9]+")

# Scripts by the first word of their characters' Unicode names.
ACCENTED = ("LATIN", "GREEK", "ARABIC", "HEBREW")  # their marks are accents or points
UNSPACED = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "YI", "TANGUT")
UNSPACED += ("NUSHU", "KHITAN", "THAI", "LAO", "KHMER", "MYANMAR", "TAI", "NEW", "TIBETAN")
UNSPACED += ("JAVANESE", "BALINESE", "AHOM")
# On Cyrillic they mark the stress; where they belong to the letter, they are composed with it.
STRESS = frozenset("\u0300\u0301")
APOSTROPHES = frozenset("\u02bb\u02bc")  # letters by category
VOICING = frozenset("\uff9e\uff9f")  # halfwidth katakana's marks, letters by category
# Letters without a decomposition, though readers see a base and a stroke, or two letters.
BASES = str.maketrans(
    {"đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe"}
)

# What is drawn over or under, or tells how to draw: it takes no part in a word.
INVISIBLE = re.compile(
    "[\u034f\u055b\u055c\u055e\u0640\u115f\u1160\u180b-\u180f\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)

Kind = Literal["word", "pair", "last", "symbol"]
CharacterKind = Literal["letter", "unspaced", "symbol", "other"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in the text.

    A run of characters written without spaces becomes its overlapping pairs and its last character.
    """

    text: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    kind: CharacterKind
    start: int
    end: int


def _remember[T](longest: int, most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a function made of short texts: they come again, and long ones fill the memory."""

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        kept = functools.lru_cache(maxsize=most)(function)
        return lambda text: kept(text) if len(text) <= longest else function(text)

    return decorate


def indexed(text: str, author_id: int, moment: dt.datetime) -> str:
    """Return all that a message is found by, separated by blanks; nothing for a deleted one.

    Beside its words: its author, and the year, month and day of `moment` in UTC.
    """
    if not text:
        return ""
    day = moment.astimezone(dt.UTC).date()
    marks = (EVERYTHING, *(day_word(day, size) for size in (4, 6, 8)), author_word(author_id))
    return " ".join((*marks, *(word.text for word in split(text))))


def name_key(name: str) -> str:
    """Return the form in which names are compared: NFKC, without case or outer blanks."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def author_word(author_id: int) -> str:
    return f"@{author_id}"


def day_word(day: dt.date, size: int = 8) -> str:
    """Return the word of a day, its month (size 6) or its year (size 4)."""
    return "#" + day.isoformat().replace("-", "")[:size]


def split(text: str) -> list[Word]:
    """Return the words of a text in their order."""
    return [
        Word(word.text, word.kind, part.start() + word.start, part.start() + word.end)
        for part in PART.finditer(text)
        for word in _split_part(part[0])
    ]


@_remember(longest=16, most=4096)
def _split_part(text: str) -> list[Word]:
    """Return the words of what stands between two blanks."""
    if text.isascii():
        found = ASCII_WORD.finditer(text.lower())
        return [Word(m[0][:MAX_WORD], "word", m.start(), m.end()) for m in found]
    words: list[Word] = []
    run: list[_Character] = []
    for character in _characters(text):
        if run and (character.kind != run[0].kind or character.kind == "symbol"):
            words += _words(run)
            run = []
        run.append(character)
    return [*words, *_words(run)]


def _words(run: list[_Character]) -> Iterator[Word]:
    """Return the words of characters of one kind."""
    if not run or run[0].kind == "other":
        return
    if run[0].kind == "unspaced":
        for one, next_one in itertools.pairwise(run):
            yield Word(one.text + next_one.text, "pair", one.start, next_one.end)
        yield Word(run[-1].text, "last", run[-1].start, run[-1].end)
    else:
        text = "".join(character.text for character in run)[:MAX_WORD]
        kind = "symbol" if run[0].kind == "symbol" else "word"
        yield Word(text, kind, run[0].start, run[-1].end)


def _characters(text: str) -> Iterator[_Character]:
    """Return the characters of a text as they are compared; invisible ones are left out."""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _belongs_to_the_one_before(text[end]):
            end += 1
        for character, kind in _normal(text[start:end]):
            yield _Character(character, kind, start, end)
        start = end


@functools.lru_cache(maxsize=65_536)
def _belongs_to_the_one_before(character: str) -> bool:
    if unicodedata.category(character)[0] == "M" or character in VOICING:
        return True
    return "\u1160" <= character <= "\u11ff"  # the second and third part of a Hangul syllable


@_remember(longest=4, most=16_384)
def _normal(cluster: str) -> tuple[tuple[str, CharacterKind], ...]:
    """Return what a character with its marks is compared as, and of which kind each part is."""
    kept, script = "", ""
    for character in unicodedata.normalize("NFKD", cluster):
        is_mark = unicodedata.category(character)[0] == "M"
        script = script if is_mark else _script(character)
        if not (is_mark and script in ACCENTED) and not _is_invisible(character):
            kept += character
    whole = unicodedata.normalize("NFKC", kept)
    if script == "CYRILLIC":
        whole = "".join(character for character in whole if character not in STRESS)
    folded = unicodedata.normalize("NFKC", whole.casefold().translate(BASES))
    parts: list[tuple[str, CharacterKind]] = []
    for character in folded:
        is_mark = unicodedata.category(character)[0] == "M"
        parts.append((character, parts[-1][1] if is_mark and parts else _kind(character)))
    return tuple(parts)


def _kind(character: str) -> CharacterKind:
    category = unicodedata.category(character)
    if category[0] in "LNM" and _script(character) in UNSPACED:
        return "unspaced"
    if category[0] in "LN" and character not in APOSTROPHES:
        return "letter"
    return "symbol" if category == "So" else "other"


def _script(character: str) -> str:
    return re.split("[ -]", unicodedata.name(character, ""), maxsplit=1)[0]


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or bool(INVISIBLE.match(character))
