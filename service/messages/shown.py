"""A message as others get it: in templates, as JSON, and when it changes."""

from functools import partial
from typing import Any, Literal

from service.access.identity import Identity
from service.base import clock
from service.base.clock import Clock
from service.live.nouns import Noun
from service.messages import messages
from service.messages.messages import MessageView
from service.search import query
from service.search.query import Query
from service.web.markup import Find
from service.web.render import Look, Renderer

# What somebody is to a message: what they may do with it depends on that alone.
Viewer = Literal["author", "moderator", "reader"]


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
        "removed": message.removed,
        "seq": message.seq,
        **dict(message.added),
    }


def viewer(message: MessageView, me: Identity) -> Viewer:
    """Say whether somebody may change a message, remove it, or only read it."""
    if message.deleted:
        return "reader"
    if message.author_id == me.user_id and me.may("post"):
        return "author"
    others = message.author_id != me.user_id
    return "moderator" if others and me.may("moderate") else "reader"


def _finder(search: Query | None) -> Find | None:
    """Return what tells where a text has what a search looks for."""
    return partial(query.marks, search) if search else None


look = Look(
    filters={"finder": _finder, "viewer": viewer},
    shared={"query": None},  # what a page searches for
    # Its day's label changes at midnight.
    pieces={"message": ("messages/_message.html", ("m", "zone", "first", "viewer", "day_label"))},
)


def _changed(message: MessageView) -> dict[str, Any]:
    has_gone = message.deleted and not message.removed
    return {"id": message.id} | ({} if has_gone else {"message": as_json(message)})


def _html(renderer: Renderer, kind: str, m: MessageView, zone: Clock, viewer: Viewer) -> str:
    return renderer.text("messages/_event.html", kind=kind, m=m, zone=zone, viewer=viewer)


noun = Noun(
    kinds=frozenset({"posted", "edited", "deleted"}),
    load=messages.views,
    viewer=viewer,
    html=_html,
    json=_changed,
)
