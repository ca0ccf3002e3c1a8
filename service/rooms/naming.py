"""Names and topics of rooms, as people type them."""

import unicodedata

from service.access.names import BLANKS
from service.base import characters, lookalikes
from service.base.errors import Invalid
from service.base.words import name_key
from service.data.tables import Room

MAX_NAME = 50  # characters, as the next
MAX_TOPIC = 250
MAX_KEY = 200  # of a name as it is compared: some letters are then written with several


def clean_name(name: str) -> str:
    """Return a room's name as it is stored; raise Invalid."""
    name = unicodedata.normalize("NFC", _in_one_line(name))
    if not 1 <= len(name) <= MAX_NAME or len(name_key(name)) > MAX_KEY:
        raise Invalid(name=f"A room's name has 1 to {MAX_NAME} characters.")
    if lookalikes.hides_something(name) or not any(map(characters.is_visible, name)):
        raise Invalid(name="A room's name has visible characters only.")
    return name


def clean_topic(topic: str) -> str:
    """Return a topic as it is stored, empty for none; raise Invalid."""
    topic = _in_one_line(topic)
    if len(topic) > MAX_TOPIC:
        raise Invalid(topic=f"A topic can have {MAX_TOPIC} characters; this one has {len(topic)}.")
    return topic


def _in_one_line(text: str) -> str:
    text = characters.clean(text).replace("\n", " ").replace("\t", " ")
    return BLANKS.sub(" ", text).strip()


def require_free(name: str, but: int = 0) -> None:
    """Raise Invalid if another open room than that of an id is called so; in a transaction."""
    is_open = Room.kind == "open", Room.deleted_at.is_null(), Room.id != but
    if Room.select().where(*is_open, Room.name_key == name_key(name)).exists():
        raise taken(name)


def taken(name: str) -> Invalid:
    """Return what somebody is told who chose the name of another open room."""
    return Invalid(name=f"There is an open room named {name} already. Choose another name.")
