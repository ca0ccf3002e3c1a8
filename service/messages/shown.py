"""A message as others get it: in templates, as JSON, and when it changes."""

from typing import Any

from service.access.identity import Identity
from service.base import clock
from service.live.nouns import Noun
from service.messages import messages
from service.messages.messages import MessageView
from service.search import query
from service.search.query import Query
from service.web.markup import NOWHERE, Places
from service.web.render import Look, Renderer


def as_json(message: MessageView) -> dict[str, Any]:
    """Return a message as programs get it."""
    return {
        "id": message.id,
        "text": message.text,
        "timestamp": clock.utc(message.timestamp),
        "author": message.author,
        "display_name": message.display_name,
        "edited": message.edited,
        "seq": message.seq,
        **dict(message.added),
    }


def _places(text: str, search: Query | None) -> Places:
    """Return where a text has what a search looks for."""
    return query.marks(search, text) if search else NOWHERE


look = Look(
    filters={"places": _places},
    shared={"query": None},  # what a page searches for
    # Its day's label changes at midnight.
    pieces={"message": ("messages/_message.html", ("m", "zone", "first", "mine", "day_label"))},
)


def _changed(message: MessageView) -> dict[str, Any]:
    return {"id": message.id} | ({} if message.deleted else {"message": as_json(message)})


def _is_mine(message: MessageView, me: Identity) -> bool:
    return message.author_id == me.user_id


def _html(renderer: Renderer, kind: str, message: MessageView, zone: str, mine: bool) -> str:
    return renderer.text("messages/_event.html", kind=kind, m=message, zone=zone, mine=mine)


noun = Noun(
    kinds=frozenset({"posted", "edited", "deleted"}),
    load=messages.views,
    viewer=_is_mine,
    html=_html,
    json=_changed,
)
