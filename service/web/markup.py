"""A text as HTML: its addresses as links, and what was found in it marked; nothing else."""

from collections.abc import Sequence

from markupsafe import Markup

from service.web import links

LINK = Markup('<a href="{0}" rel="nofollow noopener noreferrer" target="_blank">{0}</a>')
MARK = Markup("<mark>{}</mark>")

Places = Sequence[tuple[int, int]]
NOWHERE: Places = ()


def linked(text: str, places: Places = NOWHERE) -> Markup:
    """Return the text escaped, its http and https addresses as links, and `places` marked.

    Those are where something begins and ends in the text, in order.
    """
    pieces, at = [], 0
    for start, end in links.find(text):
        pieces += [_marked(text, at, start, places), _link(text, start, end, places)]
        at = end
    return Markup("").join([*pieces, _marked(text, at, len(text), places)])


def _link(text: str, start: int, end: int, places: Places) -> Markup:
    scheme, separator, rest = text[start:end].partition("://")
    link = LINK.format(
        scheme.lower() + separator + rest
    )  # a phone may have begun it with a capital
    is_marked = any(first < end and start < last for first, last in places)
    return MARK.format(link) if is_marked else link


def _marked(text: str, start: int, end: int, places: Places) -> Markup:
    """Return a part of the text, escaped, with the marks that fall into it."""
    pieces, at = [], start
    inside = [(max(first, start), min(last, end)) for first, last in places]
    for first, last in inside:
        if first < last:
            pieces += [text[at:first], MARK.format(text[first:last])]
            at = last
    return Markup("").join([*pieces, text[at:end]])
