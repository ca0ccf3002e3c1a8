"""People as they are shown: their name, initials and a colour, and what open pages are told."""

import re
from typing import Any

from markupsafe import Markup

from service.access.identity import Identity
from service.accounts import faces
from service.accounts.faces import Face
from service.base.words import name_key
from service.live.nouns import Noun
from service.web.render import Look, Renderer

COLOURS = 12  # in static/src/style.css
# The username stands beside a name that differs from it: so nobody passes for somebody else.
BOTH = Markup("{} <small>{}</small>")


def initials(name: str) -> str:
    """Return one or two capital letters that stand for a name."""
    words = [word for word in re.split(r"[\s._@-]+", name) if word]
    if not words:
        return "?"
    letters = words[0][0] + (words[1][0] if len(words) > 1 and "@" not in name else "")
    return letters.upper()


def colour(user_id: int) -> int:
    return user_id % COLOURS


def named(username: str, display_name: str | None) -> str:
    """Return somebody's name as others see it, escaped where it is more than text."""
    if display_name and name_key(display_name) != name_key(username):
        return BOTH.format(display_name, username)
    return display_name or username


look = Look(filters={"initials": initials, "colour": colour, "named": named})


def _html(renderer: Renderer, _kind: str, face: Face, _zone: str, _viewer: None) -> str:
    return renderer.text("accounts/_face.html", face=face)


def _changed(face: Face) -> dict[str, Any]:
    told = {"id": face.id, "username": face.username, "display_name": face.display_name}
    return {"id": face.id, "user": told | {"role": face.role}}


def _ends(_kind: str, face: Face, me: Identity) -> bool:
    """Say whether it is the reader who changed: their page is fetched anew, as they are now."""
    return face.id == me.user_id


noun = Noun(
    kinds=frozenset({"user"}),
    load=faces.faces,
    viewer=lambda _face, _me: None,
    html=_html,
    json=_changed,
    ends=_ends,
    last=True,
)
