"""A text as HTML: its addresses as links, its Markdown as tags, and what was found in it marked.

Nothing of a text is left out but Markdown's own marks, and no tag is written that is not listed in
`markdown` and `pieces`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from markupsafe import Markup

from service.base.bounded import Bounded
from service.base.words import name_key
from service.data import rules
from service.web import links
from service.web.pieces import Edge, Piece, link

MARK = Markup("<mark>{}</mark>")
# What may be Markdown: a mark anywhere, or at a line's beginning. The rest needs no parser.
MARKED = re.compile(r"[*_~`\[\\]|^[ \t]*(?:>|-[ \t]|\d{1,3}[.)][ \t])", re.MULTILINE)

KEPT = 2 * 1024 * 1024  # bytes of texts as they are shown: each is for several kinds of readers

MENTION = Markup('<span class="mention">')
CALL = re.compile(r"(?<![\w@.+/\\-])@(?=\S)")
QUIET = ("<a ", "</a>", "<code", "</code", "<pre")  # begin and end what calls nobody

Places = Sequence[tuple[int, int]]
Names = frozenset[str]  # as they are compared
NOBODY: Names = frozenset()
Find = Callable[[str], Places]  # where a text has what somebody looks for, in order

_made: Bounded[Markup] = Bounded(KEPT)


def shown(text: str, find: Find | None = None, names: Names = NOBODY) -> Markup:
    """Return a text as HTML: `names` are whom it calls, and what `find` finds in it is marked."""
    if find:
        return Markup("").join(_with_marks(_with_calls(_pieces(text), names), find))
    return _made.made((text, names), partial(_html, text, names))


def _html(text: str, names: Names = NOBODY) -> Markup:
    return Markup("").join(_with_calls(_pieces(text), names))


def calls(text: str) -> list[str]:
    """Return what follows each @ that may call somebody: in no code, quote, address or word."""
    if "@" not in text or _is_too_deep(text):
        return []
    said = (piece for piece, is_said in _said(_pieces(text)) if is_said)
    return [piece[at.end() :] for piece in said for at in CALL.finditer(piece)]


def called(tail: str, names: Names) -> str | None:
    """Return the longest of some names, as they are compared, that what follows an @ begins with.

    It is returned as it is typed.
    """
    for end in ends(tail):
        if name_key(tail[:end]) in names:
            return tail[:end]
    return None


def ends(tail: str) -> Iterator[int]:
    """Yield where a name may end that begins a text, the longest first."""
    for end in range(min(len(tail), rules.MAX_NAME), 0, -1):
        if not tail[end - 1].isspace() and not tail[end : end + 1].isalnum():
            yield end


def _said(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Yield pieces, each with whether it is text that may call somebody."""
    is_quiet, quotes = False, 0
    for piece in pieces:
        if isinstance(piece, Markup):
            if piece.startswith(QUIET):
                is_quiet = piece[1] != "/"
            quotes += piece.startswith("<blockquote") - piece.startswith("</blockquote")
            yield piece, False
        else:
            yield piece, not (is_quiet or quotes)


def _with_calls(pieces: Iterable[Piece], names: Names) -> Iterable[Piece]:
    if not names:
        return pieces
    return (
        part
        for piece, is_said in _said(pieces)
        for part in (_calling(piece, names) if is_said else (piece,))
    )


def _calling(text: str, names: Names) -> Iterator[Piece]:
    at = 0
    for found in CALL.finditer(text):
        if name := called(text[found.end() :], names):
            yield from (text[at : found.start()], MENTION, f"@{name}", Markup("</span>"))
            at = found.end() + len(name)
    yield text[at:]


def _pieces(text: str) -> list[Piece]:
    found = _with_marks_read(text)
    return list(_plain(text) if found is None else found)


def _with_marks_read(text: str) -> Iterator[Piece] | None:
    """Return a text in pieces if it may have marks that can be shown."""
    if not MARKED.search(text):
        return None
    from service.web import markdown  # noqa: PLC0415, many a board never needs it

    return markdown.pieces(text)


def _is_too_deep(text: str) -> bool:
    """Say whether a text is nested too deep to tell what in it is a quote."""
    return bool(MARKED.search(text)) and _with_marks_read(text) is None


def _plain(text: str) -> Iterator[Piece]:
    at = 0
    for start, end in links.find(text):
        address = links.tidy(text[start:end])
        yield from (text[at:start], link(address), address, Markup("</a>"))
        at = end
    yield text[at:]


def _with_marks(pieces: Iterable[Piece], find: Find) -> Iterator[Markup]:
    pieces = list(pieces)
    read = "".join("\n" if isinstance(piece, Edge) else _shown(piece) for piece in pieces)
    places, at = find(read), 0
    for piece in pieces:
        if isinstance(piece, Markup):
            yield piece
            at += isinstance(piece, Edge)
        else:
            yield _marked(piece, [(start - at, end - at) for start, end in places])
            at += len(piece)


def _shown(piece: Piece) -> str:
    return "" if isinstance(piece, Markup) else piece


def _marked(text: str, places: Places) -> Markup:
    """Return a part of the text, escaped, with the marks that fall into it."""
    pieces, at = [], 0
    inside = [(max(first, 0), min(last, len(text))) for first, last in places]
    for first, last in inside:
        if first < last:
            pieces += [text[at:first], MARK.format(text[first:last])]
            at = last
    return Markup("").join([*pieces, text[at:]])
