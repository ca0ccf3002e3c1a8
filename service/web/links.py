"""Where web addresses stand in a text, whatever script and punctuation stand around them.

An address is `http://` or `https://`, a host, and what follows, up to a blank, `<`, `>`, `"`, a
backtick, a character that is not seen, punctuation of another script than ASCII, a bracket that
closes none of its own, or the next address. What may end a sentence does not end an address. So
letters of every script are part of it, and `。` or `」` is not: `https://e.com/テスト。` ends
before the stop. A host's last part is written in ASCII or in letters beyond it, never in both: of
`https://e.comを見て` the address is `https://e.com`.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_ADDRESS = 2000  # characters
HOST = r"(?:[\w-]+\.)+(?:[a-z0-9-]+|[^\W\x00-\x7f]+)\.?|\w[\w-]*|\[[0-9a-f:.]*:[0-9a-f:.]*\]"
BEGINNING = re.compile(rf"https?://(?:[^\s/?#@<>\"`()\[\]{{}}]+@)?(?:{HOST})", re.IGNORECASE)
ANOTHER = re.compile(r"(?<![/=])https?://", re.IGNORECASE)  # a redirect's target is part of it
REST = frozenset(":/?#")  # what a host can be followed by
FORBIDDEN = frozenset('<>"`')
ENDS = ".,:;!?'*_~"  # of sentences and emphasis, as in GitHub's Markdown
CLOSES = {")": "(", "]": "[", "}": "{"}
JOINS = frozenset("\u00b7\u30fb\u200c\u200d")  # middle dots and joiners are written within words
FOREIGN = frozenset({"Ps", "Pe", "Pi", "Pf", "Po", "Cc", "Cf"})


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each address begins and ends."""
    at = 0
    while found := BEGINNING.search(text, at):
        at = _end(text, found)
        yield found.start(), at


def end(text: str, at: int) -> int | None:
    """Return where the address ends that begins at `at`; None if none does."""
    found = BEGINNING.match(text, at)
    return _end(text, found) if found else None


def end_in_brackets(text: str, at: int) -> int | None:
    """Return where the address ends that is all there is up to a closing bracket, or None."""
    found = BEGINNING.match(text, at)
    if not found:
        return None
    end = (
        _stop(text, at, found.end()) if text[found.end() : found.end() + 1] in REST else found.end()
    )
    return end if text[end : end + 1] == ")" else None


def tidy(address: str) -> str:
    """Return an address with its scheme in small letters, whatever a phone has made of it."""
    scheme, separator, rest = address.partition("://")
    return scheme.lower() + separator + rest


def _end(text: str, beginning: re.Match[str]) -> int:
    start, end = beginning.start(), beginning.end()
    if text[end : end + 1] in REST:
        end = _stop(text, start, end)
    while end > beginning.end() and _is_trailing(text[end - 1]):
        end -= 1
    return end if end > beginning.end() else beginning.start() + len(beginning[0].rstrip(ENDS))


def _stop(text: str, start: int, at: int) -> int:
    """Return where an address that goes on at `at` meets what can't be part of it."""
    opened: list[str] = []
    for place in range(at, min(len(text), start + MAX_ADDRESS)):
        character = text[place]
        if character in CLOSES:
            if CLOSES[character] not in opened:
                return place
            opened.remove(CLOSES[character])
        elif character in CLOSES.values():
            opened.append(character)
        elif _is_foreign(character) or ANOTHER.match(text, place):
            return place
    return min(len(text), start + MAX_ADDRESS)


def _is_foreign(character: str) -> bool:
    """Say whether a character, unless escaped, stands in no address."""
    if character.isascii():
        return character <= " " or character == "\x7f" or character in FORBIDDEN
    category = unicodedata.category(character)
    return character not in JOINS and (category in FOREIGN or category[0] == "Z")


def _is_trailing(character: str) -> bool:
    return character in ENDS or character in JOINS or character in CLOSES.values()
