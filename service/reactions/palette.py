"""The emoji that there are, each with its name."""

import re

from service.base.errors import Invalid

PALETTE = {
    "👍": "thumbs up",
    "👎": "thumbs down",
    "❤": "heart",
    "😂": "laughing",
    "😄": "smile",
    "😉": "wink",
    "😍": "in love",
    "😮": "surprised",
    "😢": "sad",
    "😡": "angry",
    "🤔": "thinking",
    "🙈": "not looking",
    "🎉": "party",
    "👏": "clapping",
    "🙏": "thank you",
    "💪": "strong",
    "👀": "looking",
    "👋": "hello",
    "🤝": "agreed",
    "✅": "done",
    "❌": "no",
    "❓": "question",
    "❗": "important",
    "💯": "a hundred",
    "🔥": "fire",
    "🚀": "rocket",
    "⭐": "star",
    "💡": "idea",
    "🐛": "bug",
    "☕": "coffee",
}
# How it is to be drawn, and in which colour of the skin: the same emoji.
DRAWN = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


def clean(emoji: str) -> str:
    """Return an emoji as it is stored; raise Invalid if it is not of the palette."""
    plain = DRAWN.sub("", emoji.strip())
    if plain not in PALETTE:
        raise Invalid(emoji=f"A reaction is one of {' '.join(PALETTE)}")
    return plain
