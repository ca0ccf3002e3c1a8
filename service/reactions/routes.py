"""Reactions: react on a message, take that back, and see who did."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access.guards import Changing, SignedIn
from service.base import lanes
from service.messages import messages, pages
from service.reactions import reactions
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.web import render
from service.web.forms import Submitted, documented
from service.web.ids import Id

router = APIRouter()
EMOJI = (True, "One of the palette, which the answer to any other names")
ANSWERS = (
    (303, "Done; back to the message (a browser's form)."),
    (404, "No such message."),
    (409, "The room is archived."),
    (422, "The emoji is not of the palette."),
    (429, "Too many changes; see Retry-After."),
)


@routing.post(
    router,
    "/message/{message_id}/reaction",
    summary="React on a message",
    openapi_extra=documented((200, "It is there, now or before."), *ANSWERS, emoji=EMOJI),
)
@lanes.on("writes")
def react(
    request: Request, me: Changing, slug: InRoom, message_id: Id, fields: Submitted
) -> Response:
    """Put an emoji on a message; the same again changes nothing."""
    room = rooms.find(me, slug).place.id
    return pages.anew(request, me, reactions.add(me, message_id, fields["emoji"], room))


@routing.post(
    router,
    "/message/{message_id}/reaction/removal",
    summary="Take a reaction back",
    openapi_extra=documented((200, "It is not there any more."), *ANSWERS, emoji=EMOJI),
)
@lanes.on("writes")
def take_back(
    request: Request, me: Changing, slug: InRoom, message_id: Id, fields: Submitted
) -> Response:
    """Take one's own emoji from a message, if it is there."""
    room = rooms.find(me, slug).place.id
    return pages.anew(request, me, reactions.remove(me, message_id, fields["emoji"], room))


@routing.page(router, "/{message_id}/reactions", summary="Reactions", response_class=HTMLResponse)
@lanes.on("reads")
def reactions_page(request: Request, me: SignedIn, slug: InRoom, message_id: Id) -> Response:
    """Return who has reacted on a message, and the palette to do so."""
    room = rooms.find(me, slug)
    message = messages.any_ones(me, message_id, room.place.id)
    there = reactions.of(message)
    mine = {emoji for emoji, people in there if any(one.id == me.user_id for one in people)}
    context = {"m": message, "reactions": there, "mine": mine, "archived": room.archived}
    return render.html(request, "reactions/reactions.html", zone=me.clock, **context)
