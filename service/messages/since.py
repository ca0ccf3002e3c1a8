"""Where in the newest page its reader stopped reading."""

from typing import NamedTuple

from starlette.requests import Request

from service.access.identity import Identity
from service.messages.messages import Listing, MessageView
from service.rooms.places import Place
from service.unread import rail
from service.web import render


class Since(NamedTuple):
    """The oldest message of a page that is new to its reader."""

    number: int
    more: bool  # whether older ones may be new, too
    below: bool  # whether what was read is below it


def find(
    request: Request, me: Identity, place: Place, listing: Listing, *, below: bool
) -> Since | None:
    """Return what is new to who asks for a page; None for a part of one, and if nothing is."""
    read = rail.known(request, me).read.get(place.id) if render.caller(request) == "page" else None
    if read is None:
        return None
    new = [each.id for each in listing.messages if each.id > read and _is_to_read(each, me)]
    if not new:
        return None
    more = listing.before is not None and listing.messages[-1].id > read + 1
    return Since(new[-1], more, below)


def _is_to_read(message: MessageView, me: Identity) -> bool:
    """Say the same of a message as `unread.NEW`."""
    return message.author_id != me.user_id and not message.deleted and message.kind == "text"
