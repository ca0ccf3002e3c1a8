"""People as they are shown: their name, initials and a colour, and what open pages are told."""

import re
from typing import Any

from service.access.identity import Identity
from service.accounts import faces
from service.accounts.faces import Face
from service.base.clock import Clock
from service.live.nouns import Noun
from service.web.render import Look, Renderer

COLOURS = 12  # in static/src/people.css


def initials(name: str) -> str:
    """Return one or two capital letters that stand for a name."""
    words = [word for word in re.split(r"[\s._@-]+", name) if word]
    if not words:
        return "?"
    letters = words[0][0] + (words[1][0] if len(words) > 1 and "@" not in name else "")
    return letters.upper()


def colour(user_id: int) -> int:
    return user_id % COLOURS


look = Look(filters={"initials": initials, "colour": colour})


def _html(renderer: Renderer, _kind: str, face: Face, _clock: Clock, _viewer: None) -> str:
    return renderer.text("accounts/_face.html", face=face)


def _changed(face: Face) -> dict[str, Any]:
    told = {"id": face.id, "username": face.username, "display_name": face.display_name}
    return {"id": face.id, "user": told | {"role": face.role}}


def _ends(_kind: str, face: Face, me: Identity) -> bool:
    """Say whether it is the reader who changed, or whose bot it is: they begin anew."""
    return face.id in {me.user_id, me.owner and me.owner.id}


noun = Noun(
    kinds=frozenset({"user"}),
    load=faces.faces,
    viewer=lambda _face, _me: None,
    html=_html,
    json=_changed,
    ends=_ends,
    last=True,
)
