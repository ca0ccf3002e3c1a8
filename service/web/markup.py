"""A text as HTML: its addresses as links, its Markdown as tags, and what was found in it marked.

Nothing of a text is left out but Markdown's own marks, and no tag is written that is not listed in
`markdown` and `pieces`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from markupsafe import Markup

from service.base.bounded import Bounded
from service.web import links
from service.web.pieces import Edge, Piece, link

MARK = Markup("<mark>{}</mark>")
# What may be Markdown: a mark anywhere, or at a line's beginning. The rest needs no parser.
MARKED = re.compile(r"[*_~`\[\\]|^[ \t]*(?:>|-[ \t]|\d{1,3}[.)][ \t])", re.MULTILINE)

KEPT = 2 * 1024 * 1024  # bytes of texts as they are shown: each is for several kinds of readers

Places = Sequence[tuple[int, int]]
Find = Callable[[str], Places]  # where a text has what somebody looks for, in order

_made: Bounded[Markup] = Bounded(KEPT)


def shown(text: str, find: Find | None = None) -> Markup:
    """Return a text as HTML, with what `find` finds in it marked."""
    if find:
        return Markup("").join(_with_marks(_pieces(text), find))
    return _made.made(text, partial(_html, text))


def _html(text: str) -> Markup:
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> list[Piece]:
    if MARKED.search(text):
        from service.web import markdown  # noqa: PLC0415, many a board never needs it

        if (found := markdown.pieces(text)) is not None:
            return list(found)
    return list(_plain(text))


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
