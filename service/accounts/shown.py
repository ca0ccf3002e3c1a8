"""People as they are shown: initials and a colour."""

import re

from service.web.render import Look

COLOURS = 12  # in static/src/style.css


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
