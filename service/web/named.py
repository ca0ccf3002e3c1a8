"""The name that somebody is shown by, and several in a sentence."""

from collections.abc import Sequence

from markupsafe import Markup

from service.base.words import name_key

BOTH = Markup("{} <small>{}</small>")


def named(username: str, display_name: str | None) -> str:
    """Return the name that somebody wants to be shown by, and beside it, if it differs, theirs.

    So nobody passes for somebody else. Where it is more than text, it is escaped.
    """
    if display_name and name_key(display_name) != name_key(username):
        return BOTH.format(display_name, username)
    return display_name or username


def together(names: Sequence[str]) -> str:
    """Return names as a sentence has them."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
