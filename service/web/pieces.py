"""A text in pieces: what is shown of it, and the tags around that."""

from markupsafe import Markup

LINK = Markup('<a href="{}" rel="nofollow noopener noreferrer" target="_blank">')

Piece = Markup | str  # a tag, or text that is shown


class Edge(Markup):
    """A tag where words end that stand before it: of a quote, an item, a block of code."""

    __slots__ = ()


def link(address: str) -> Markup:
    """Return the tag that begins a link."""
    return LINK.format(address)
