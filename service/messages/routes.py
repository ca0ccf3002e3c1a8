"""Messages as they are asked for: the newest, older ones, found ones, what changed."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.access.guards import SignedIn
from service.access.identity import Identity
from service.base import lanes, parts
from service.base.errors import Invalid
from service.base.numbers import MAX_ID
from service.base.paces import Replays
from service.messages import asking, changed, newest, pages, quoting
from service.rooms import rooms, routing
from service.rooms.routing import InRoom
from service.search import fields
from service.unread import rail
from service.web import render
from service.web.forms import documented

router = APIRouter()
Before = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Only those before this id")]
Quote = Annotated[str, Query(description="The id of a message that the composer begins with")]
After = Annotated[str | None, Query(description="A cursor: what changed after it")]
Search = Annotated[
    str,
    Query(description='Words, "a phrase", -not, and filters: see /api/search, which searches all'),
]


async def _lane(request: Request, given: dict[str, Any]) -> lanes.Lane | None:
    if given["q"].strip():
        return "searches"
    if given.get("after") is not None:
        await parts.of(request, Replays).take(given["me"].user_id)
        return "reads"  # what has changed is yet to be rendered
    if given["before"] is not None or _begins_with_quote(request, given["me"], given.get("quote")):
        return "reads"
    # Side by side: the one is asked for all who come, the other for each of them.
    kept, _ = await asyncio.gather(
        newest.fetch(request, given["me"], given["slug"]), rail.fetch(request, given["me"])
    )
    return None if kept else "reads"


@routing.page(
    router,
    summary="A room's newest messages",
    openapi_extra=documented((200, "The newest messages.")),
)
@lanes.chosen(_lane)
def show_room(
    request: Request,
    me: SignedIn,
    slug: InRoom,
    before: Before = None,
    q: Search = "",
    quote: Quote = "",
) -> Response:
    """Return the newest 50 messages as a page, of those before an id and of those `q` finds.

    An open page that asks for its list says what it was made for: `role`, and `writing`.
    """
    if _begins_with_quote(request, me, quote):
        room = rooms.find(me, slug)
        form = pages.empty_composer() | {"text": quoting.asked(request, me, quote, room.place.id)}
        return pages.with_composer(request, me, room, form)
    return pages.answer(request, asking.asked(request, me, slug, before, q))


def _begins_with_quote(request: Request, me: Identity, quote: str | None) -> bool:
    return bool(quote) and me.may("post") and render.caller(request) == "page"


@routing.page(
    router, "/matches", summary="What an open search finds now", response_class=HTMLResponse
)
@lanes.searches_apart
def matches(
    request: Request, me: SignedIn, slug: InRoom, before: Before = None, q: Search = ""
) -> Response:
    """Return a page of matches as a fragment that replaces what the search shows of it."""
    return pages.matches(request, asking.asked(request, me, slug, before, q))


@routing.page(
    router,
    "/search",
    summary="Search by a form's fields",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the search.")),
)
@lanes.on("reads")
def search_form(request: Request, me: SignedIn, slug: InRoom) -> Response:
    """Send the browser on to the search that a form's fields describe."""
    q = fields.compose(request.query_params)
    page = rooms.find(me, slug).place.page
    return render.redirect(request, f"{page}?q={quote(q)}" if q else page)


@routing.get(
    router,
    "/messages",
    summary="List messages, or what changed",
    openapi_extra=documented(
        (200, "A list, or with `after` the changes since that cursor."),
        (401, "Not signed in."),
        (422, "`after` excludes `before` and `q`, or the search can't be read."),
        (429, "Asked `after` too often; see Retry-After."),
    ),
)
@lanes.chosen(_lane)
def list_messages(
    request: Request,
    me: SignedIn,
    slug: InRoom,
    before: Before = None,
    after: After = None,
    q: Search = "",
) -> Response:
    """Return a room's newest 50 messages, of those before an id, of those found, or what changed.

    Each has `id`, `text`, `timestamp`, `author`, `display_name`, `bot` (whether the author is one),
    `edited`, `deleted`, `removed`, `mentions` (the names that it calls) and `seq`, and `replies`:
    their `count` and when the `last` one came. A reply has the `parent` that it is to, and is found
    and told of as a change, but not listed.
    """
    if after is not None:
        if before is not None or q:
            raise Invalid(after="Give after alone: it excludes before and q.")
        return changed.after(request, me, after, rooms.find(me, slug).place.id)
    page = pages.as_page if render.takes_html(request) else pages.listed
    return pages.answer(request, asking.asked(request, me, slug, before, q), page)


async def _paced(request: Request, given: dict[str, Any]) -> lanes.Lane:
    await parts.of(request, Replays).take(given["me"].user_id)
    return "reads"


@router.get(
    "/api/messages/all",
    summary="What changed in all rooms",
    openapi_extra=documented(
        (200, "The changes since `after`; without it none, and the cursor from here on."),
        (401, "Not signed in."),
        (429, "Asked too often; see Retry-After."),
    ),
)
@lanes.chosen(_paced)
def list_all_changes(request: Request, me: SignedIn, after: After = None) -> Response:
    """Return what changed since a cursor in every room that I see, oldest first.

    Each event has the `cursor` behind it, its `kind` and the slug of its `room`; one about a
    message has the message's `id` and `seq`, and unless it is deleted the `message`.
    """
    if after is None:
        return changed.from_now(request, me)
    return changed.after(request, me, after)
