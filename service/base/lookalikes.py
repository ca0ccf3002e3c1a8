"""What could fool people: what is not seen, mixed scripts, and texts that look alike.

By Unicode's security mechanisms (UTS 39) and the rules for joiners of RFC 5892.
"""

import functools
import unicodedata
from collections.abc import Iterator

from service.base import characters, confusables

JOINER, NON_JOINER = "\u200d", "\u200c"
JOINERS = frozenset({JOINER, NON_JOINER})
STRETCHED = "\u0640"  # it makes an Arabic word longer
VIRAMA = 9  # the combining class of what joins two consonants
MAX_MARKS = 4  # on one character, and no mark twice, as UTS 39 has it
MAX_SKELETON = 200

# Scripts by the first word of their characters' Unicode names; others are everybody's.
SAME = {"IDEOGRAPHIC": "CJK", "HENTAIGANA": "HIRAGANA", "TURNED": "LATIN", "ROMAN": "LATIN"}
EVERYBODYS = frozenset(
    {"COMBINING", "MODIFIER", "VARIATION", "MUSICAL", "VEDIC", "CARON", "MASU", "ZNAMENNY"}
    | {"VERTICAL", "KATAKANA-HIRAGANA"}
)
# What is written together, Latin beside it; then what Latin may stand beside (UTS 39, Moderately
# Restrictive): not Cyrillic and Greek, whose letters are taken for Latin ones.
TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
BESIDE_LATIN = frozenset(
    {"ARABIC", "ARMENIAN", "BENGALI", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GUJARATI", "GURMUKHI"}
    | {"HEBREW", "KANNADA", "KHMER", "LAO", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL"}
    | {"TELUGU", "THAANA", "THAI", "TIBETAN"}
)


def hides_something(text: str) -> bool:
    """Say whether a character is not seen, but a blank, or joins nothing that its script joins."""
    return not all(
        joins(text, place) if each in JOINERS else _is_shown(each)
        for place, each in enumerate(text)
    )


def joins(text: str, place: int) -> bool:
    """Say whether the joiner there has something to do (RFC 5892, A.1 and A.2)."""
    before, after = text[:place], text[place + 1 :]
    if before and unicodedata.combining(before[-1]) == VIRAMA:
        return True
    if text[place] == JOINER:
        return False
    previous, following = _first_letter(reversed(before)), _first_letter(iter(after))
    return previous in _places(confusables.JOINS_NEXT) and following in _places(
        confusables.JOINS_PREVIOUS
    )


def stacks_marks(text: str) -> bool:
    """Say whether marks begin the text, or more are stacked than a script has use for."""
    marks = ""
    for character in unicodedata.normalize("NFD", f" {text}"):
        is_mark = unicodedata.category(character) in {"Mn", "Me"}
        if is_mark and (character in marks or len(marks) == MAX_MARKS or marks == "\0"):
            return True
        marks = marks + character if is_mark else "\0" * character.isspace()
    return False


def mixed_scripts(text: str) -> list[str]:
    """Return the scripts of a text, in words, if people could mistake its letters for others."""
    found = scripts(text)
    beside = found - {"LATIN"}
    fits_latin = len(beside) <= 1 and (beside == found or beside <= BESIDE_LATIN)
    if fits_latin or any(found <= together for together in TOGETHER):
        return []
    return sorted(name.title() for name in found)


def scripts(text: str) -> set[str]:
    """Return the scripts that letters and their marks belong to."""
    letters = (each for each in unicodedata.normalize("NFKC", text) if _is_letter(each))
    names = (unicodedata.name(each, "").partition(" ")[0] for each in letters)
    return {SAME.get(name, name) for name in names if name} - EVERYBODYS


def skeleton(text: str) -> str:
    """Return a form that is the same for texts that look alike, whatever their case.

    It is of the data there is: what is stored of it belongs to one version of Unicode.
    """
    text = "".join(filter(_is_shown, unicodedata.normalize("NFKC", text))).replace(STRETCHED, "")
    # Before the case falls away: a capital i is taken for an l.
    text = _prototypes(_prototypes(text).casefold())
    return unicodedata.normalize("NFC", " ".join(text.split()))[:MAX_SKELETON]


def _is_shown(character: str) -> bool:
    return character == " " or (character.isprintable() and characters.is_visible(character))


def _prototypes(text: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(_alike()))


@functools.cache
def _alike() -> dict[int, str]:
    entries = confusables.ALIKE.replace("\n ", " ").strip().splitlines()
    halves = (
        (_text(looks), codes) for looks, _, codes in (line.partition(":") for line in entries)
    )
    return {int(code, 16): looks for looks, codes in halves for code in codes.split()}


def _text(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split())


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def _first_letter(text: Iterator[str]) -> int:
    """Return the first that is no mark, or zero; marks let letters join through them."""
    found = (each for each in text if unicodedata.category(each) not in {"Mn", "Me", "Cf"})
    return ord(next(found, "\0"))


@functools.cache
def _places(ranges: str) -> frozenset[int]:
    pairs = (place.partition("..") for place in ranges.split())
    return frozenset(
        code
        for first, _, last in pairs
        for code in range(int(first, 16), int(last or first, 16) + 1)
    )
