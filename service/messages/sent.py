"""What is sent to post a message: the fields, and what they make of it."""

from service.access.identity import Identity
from service.base.errors import Conflict
from service.data import rules
from service.messages import writing
from service.messages.posts import Post
from service.rooms.places import Place
from service.web.forms import NUMBER, Described, Fields

TEXT: Described = (
    True,
    f"1-{rules.MAX_TEXT} characters, counted after line ends became LF. Pages show its Markdown; "
    "lists and answers in JSON have it as it was typed",
)
FIELDS: dict[str, Described] = {
    "message": TEXT,
    "client_key": (
        False,
        f"Makes the request repeatable: 1-{rules.MAX_CLIENT_KEY} letters, digits, - and _",
    ),
    "author": (
        False,
        "The id of the user the form was made for; refused if another is signed in",
        NUMBER,
    ),
}


def draft(me: Identity, place: Place, fields: Fields) -> Post:
    """Return what is stored of the message; raise Invalid, or Conflict if another is signed in."""
    if fields["author"] not in {"", str(me.user_id)}:
        raise Conflict(f"You are signed in as {me.name} now. Send again to post as {me.name}.")
    return writing.draft(me, fields["message"], fields["client_key"], place=place)
