"""Characters that are not seen, that command a terminal, or that turn their neighbours around."""

import re
import unicodedata

LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")  # as Unicode and word processors have them
CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # of the kind Cc, all but tab and line feed
# Unicode calls these ignorable by default (Other_Default_Ignorable_Code_Point and the variation
# selectors); its general categories, which Python knows, tell the rest of them: Cf.
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
BLANK_NAMES = (" FILLER", " PATTERN BLANK", " NULL NOTEHEAD")  # they end so, and show nothing
# Of the category Cf, yet drawn: number signs and the like, and what joins hieroglyphs.
DRAWN = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f]"
)

NOT_STORED = re.compile("[\0\ud800-\udfff]")  # NUL, which PostgreSQL refuses, and half characters


def can_be_stored(text: str) -> bool:
    """Say whether both databases take a text."""
    return NOT_STORED.search(text) is None


def is_visible(character: str) -> bool:
    """Say whether a character leaves something to see where it stands alone."""
    category = unicodedata.category(character)
    if category[0] == "Z" or category in {"Cc", "Cs"} or IGNORABLE.match(character):
        return False
    if category == "Cf":
        return bool(DRAWN.match(character))
    return not unicodedata.name(character, "").endswith(BLANK_NAMES)


def clean(text: str) -> str:
    """Return a text with LF line ends and without control characters but tabs, which it keeps."""
    return CONTROLS.sub("", LINE_ENDS.sub("\n", text))


def escaped(text: str) -> str:
    r"""Return a text whose control characters, but tab and LF, are written out, as in `\x1b`."""
    return CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


def printable(text: str) -> str:
    """Return a text as one line that writes no other, nor speaks to a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
