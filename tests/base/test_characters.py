"""Characters that nobody sees, or that do harm where a text is shown."""

import json
import re

import pytest

from service.base import characters
from service.base.errors import Invalid
from service.data import db
from service.data.tables import Message, User
from service.keep import export
from service.messages import writing
from tests.people import ONE_DATABASE, add_person

BLANK = (
    "\u00a0\u2003\u3000\u200b\u200d\u2060\ufeff\u00ad",  # blanks, joiners, a soft hyphen
    "\u2800",  # braille without a dot
    "\u3164\u115f\u1160\uffa0",  # Hangul fillers
    "\ufe0f\ufe00\U000e0100\u180b\u180f",  # variation selectors
    "\u034f\u17b4\u17b5",
    "\U000e0001\U000e0061\U000e007f",  # tags
    "\u202e\u2066\u2069\u200f",
    "\u2065\ufff0\U0001d159\U00016fe4",
)


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_message_that_shows_nothing_is_empty(text: str) -> None:
    for each in (*text, text):
        with pytest.raises(Invalid, match="Write something first"):
            writing.clean_text(each)


@pytest.mark.parametrize("text", ["؀", "␢", "◌", "❤️", "👨‍👩‍👧", "ක්‍ර", "علی‌رضا", "⠁", "ﾟ"])
def test_what_can_be_seen_is_kept_with_all_that_shapes_it(text: str) -> None:
    assert writing.clean_text(text) == text


def test_control_characters_go_and_line_ends_become_one_kind() -> None:
    assert characters.clean("a\r\nb\rc\vd\fe\x85f\u2028g\u2029h") == "a\nb\nc\nd\ne\nf\ng\nh"
    assert characters.clean("\x1b[2Jred\x07 \x9b31m\x7f\ttab\n") == "[2Jred 31m\ttab\n"


@ONE_DATABASE
@pytest.mark.usefixtures("database")
def test_what_an_older_release_stored_commands_no_terminal() -> None:
    alice = add_person("alice").id
    posted = writing.post(alice, "x")
    harmful = "\x1b]0;title\x07 \x9b2J\x7f\tkept\nkept"
    with db.write():
        Message.update(text=harmful).where(Message.id == posted.id).execute()
        User.update(username="al\x1b[2Jice").execute()
    written = {name: "".join(make("UTC", "Board")) for name, make in export.FORMATS.items()}
    assert json.loads(written["jsonl"])["text"] == harmful
    for text in written.values():
        assert not re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
        assert "title" in text
        assert "kept" in text
