"""A text with Markdown's marks in pieces: emphasis, code, quotes, lists and links, nothing else.

It is imported with the first text that has a mark: that takes as long as forty pages.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from markdown_it.token import Token
from markupsafe import Markup

from service.web import marks
from service.web.pieces import Edge, Piece, link

LANGUAGE = re.compile(r"[\w+#.-]{1,20}", re.ASCII)
CLOSING = re.compile(r"^[ \t>]*`{3,}[ \t]*$", re.MULTILINE)
INLINE = {
    f"{tag}_{side}": Markup(f"<{slash}{tag}>")  # noqa: S704, of ours
    for tag in ("em", "strong", "s")
    for side, slash in (("open", ""), ("close", "/"))
} | {"link_close": Markup("</a>")}
BLOCKS = {
    "blockquote_open": Edge('<blockquote dir="auto">'),
    "blockquote_close": Edge("</blockquote>"),
    "bullet_list_open": Edge('<ul dir="auto">'),
    "bullet_list_close": Edge("</ul>"),
    "ordered_list_open": Edge('<ol dir="auto">'),
    "ordered_list_close": Edge("</ol>"),
    "list_item_close": Edge("</li>"),
}

PARSER = marks.parser()


def pieces(text: str) -> Iterator[Piece] | None:
    """Return a text in pieces; None if it is nested too deep to be shown so."""
    closing = max((found.start() for found in CLOSING.finditer(text)), default=-1)
    try:
        tokens = PARSER.parse(text, {"mark": text.rfind("```"), "closing": closing})
    except RecursionError:
        return None
    if any(token.level >= marks.MAX_NESTING - 1 for token in tokens):
        return None
    return _Walk(text).over(tokens)


class _Walk:
    """Goes through a text's tokens, with an eye on what stands between its paragraphs."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._at: int | None = 0  # up to there the text is shown as typed; None after a block
        self._last: Token | None = None  # the paragraph just before, inside of a block

    def over(self, tokens: list[Token]) -> Iterator[Piece]:
        for token in tokens:
            if token.type == "inline":
                yield from self._paragraph(token)
            elif token.type not in {"paragraph_open", "paragraph_close"}:
                self._at = self._last = None
                yield from self._block(token)
        if self._at is not None:
            yield self._text[self._at :]

    def _paragraph(self, token: Token) -> Iterator[Piece]:
        first, _ = token.map or (0, 0)
        if token.level == 1:  # the paragraph itself stands in nothing: blanks and all are kept
            start = self._starts[first]
            begin = self._text.index(token.content, start)
            yield self._text[start if self._at is None else self._at : begin]
            self._at = begin + len(token.content)
        elif self._last:
            yield "\n" * (1 + first - (self._last.map or (0, 0))[1])
        self._last = token
        yield from _inline(token.children or [])

    def _block(self, token: Token) -> Iterator[Piece]:
        if token.type == "fence":
            yield from self._code(token)
        elif token.type == "typed":
            yield from (Edge("<div>"), token.content, Edge("</div>"))
        elif token.type == "list_item_open":
            yield Edge(f'<li value="{int(token.info)}">' if token.info else "<li>")
        else:
            yield BLOCKS[token.type]

    def _code(self, token: Token) -> Iterator[Piece]:
        language, code = token.info.strip(), token.content.removesuffix("\n")
        if language and not LANGUAGE.fullmatch(language):
            language, code = "", f"{token.info}\n{code}"
        yield Edge(f'<pre data-language="{language}"><code>' if language else "<pre><code>")
        yield code
        yield Edge("</code></pre>")


def _inline(tokens: list[Token]) -> Iterator[Piece]:
    for token in tokens:
        if token.type == "text":
            yield token.content
        elif token.type == "code_inline":
            yield from (Markup("<code>"), token.content, Markup("</code>"))
        elif token.type == "link_open":
            yield link(str(token.attrs["href"]))
        else:
            yield INLINE[token.type]
