"""A message as others get it: in templates, as JSON, and when it changes."""

import datetime as dt
from functools import partial
from typing import Any, Literal

from service.access.identity import Identity
from service.base import clock
from service.base.clock import Clock
from service.live.nouns import Noun
from service.messages import mentions, messages
from service.messages.messages import MessageView
from service.search import query
from service.search.query import Query
from service.web.markup import Find, Names
from service.web.render import Look, Renderer

# What somebody is to a message: what they may do with it depends on that alone.
Viewer = Literal[
    "author", "moderator", "called moderator", "member", "called member", "reader", "called"
]
# What a message in a list depends on; its day's label changes at midnight.
ON_WHICH = ("m", "zone", "first", "follows", "viewer", "day_label", "since")
FOLDED_AFTER = 15  # lines, of a long text, as `conversation.css` has it
SHORT = 15 * FOLDED_AFTER  # characters that are not so many lines on any screen
# What programs get of each message that nouns above add to it, if only null: its name by theirs.
ALWAYS: dict[str, str] = {}
TOGETHER = 5 * 60 * 1000  # milliseconds between two messages of one person under one head


def as_json(message: MessageView) -> dict[str, Any]:
    """Return a message as programs get it."""
    return {
        "id": message.id,
        "text": message.text,
        "timestamp": clock.utc(message.timestamp),
        "author": message.author,
        "display_name": message.display_name,
        "bot": message.bot,
        "edited": message.edited,
        "deleted": message.deleted,
        "removed": message.removed,
        "parent": message.parent,
        "mentions": sorted(_names(message)),
        "seq": message.seq,
        **dict.fromkeys(ALWAYS.values()),
        **{ALWAYS.get(name, name): _told(added) for name, added in message.added},
    }


def _told(added: Any) -> Any:
    return added.as_json() if hasattr(added, "as_json") else added


def viewer(message: MessageView, me: Identity) -> Viewer:
    """Say whether somebody may change a message, remove it, or only read it; and is called."""
    if message.deleted or message.kind == "system":
        return "reader"
    if message.author_id == me.user_id and me.may("post"):
        return "author"
    is_called = any(user == me.user_id for user, _ in message.called)
    if message.author_id != me.user_id and me.may("moderate"):
        return "called moderator" if is_called else "moderator"
    if me.may("post"):
        return "called member" if is_called else "member"
    return "called" if is_called else "reader"


def _finder(search: Query | None) -> Find | None:
    """Return what tells where a text has what a search looks for."""
    return partial(query.marks, search) if search else None


def follows(message: MessageView, above: MessageView) -> bool:
    """Say whether a message of the same day stands under the head of the one above it.

    As `static/js/messages/groups.js` does, to the millisecond.
    """
    apart = abs(_milliseconds(message) - _milliseconds(above))
    is_by_one = message.author_id == above.author_id
    return is_by_one and message.kind == above.kind == "text" and apart < TOGETHER


def may_fold(text: str) -> bool:
    """Say whether a text may have more lines than are shown of it at first, on some screen."""
    return len(text) > SHORT or text.count("\n") >= FOLDED_AFTER


def _milliseconds(message: MessageView) -> int:
    return (message.timestamp - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(
        milliseconds=1
    )


def _names(message: MessageView) -> Names:
    """Return the names that a message shows as calls."""
    return mentions.names(message.text, message.called)


look = Look(
    filters={
        "finder": _finder,
        "names": _names,
        "viewer": viewer,
        "follows": follows,
        "may_fold": may_fold,
    },
    # What a page searches for, and what in it is new.
    shared={"query": None, "new": None, "since": None},
    pieces={"message": ("messages/_message.html", ON_WHICH)},
)


def _changed(message: MessageView) -> dict[str, Any]:
    told = {"id": message.id, "seq": message.seq}
    return told | ({} if message.gone else {"message": as_json(message)})


def _html(renderer: Renderer, kind: str, m: MessageView, zone: Clock, viewer: Viewer) -> str:
    return renderer.text("messages/_event.html", kind=kind, m=m, zone=zone, viewer=viewer)


noun = Noun(
    kinds=frozenset({"posted", "edited", "deleted"}),
    load=messages.views,
    viewer=viewer,
    html=_html,
    json=_changed,
)
