"""Searching all rooms that one sees."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from service.access.guards import SignedIn
from service.base import lanes, parts
from service.base.errors import Invalid
from service.data.cursors import Cursors
from service.messages import everywhere, shown
from service.messages.everywhere import Found, Hit
from service.search import fields, query
from service.web import render
from service.web.forms import documented

router = APIRouter()
Search = Annotated[
    str,
    Query(
        description='Words, "a phrase", -not, from:name, in:room, has:link, has:pin, '
        "has:reaction, has:reply, mentions:me, before:, after: and on: a day"
    ),
]
Place = Annotated[str, Query(description="The `before` of a list: what is older than all of it")]


@router.get("/search", summary="Search all rooms", response_class=HTMLResponse)
@lanes.searches_apart
def search_page(request: Request, me: SignedIn, q: Search = "", before: Place = "") -> Response:
    """Return what is found in all rooms that one sees, the newest 50 or those before a place."""
    wanted, found, fault = query.Query(q), Found([]), None
    try:
        wanted = query.parse(q, me.zone)
        found = everywhere.find(me, wanted, _opened(request, before))
    except Invalid as failure:
        fault = failure
    context: dict[str, Any] = {
        "query": wanted,
        "hits": found.hits,
        "before": _sealed(request, found),
        "is_first": not before,
        "filters": fields.fields(wanted),
        "chips": fields.chips(wanted),
        "fault": fault.message if fault else None,
        "zone": me.clock,
    }
    context |= everywhere.completions(me)
    return render.html(request, "search/search.html", fault.status if fault else 200, **context)


@router.get(
    "/api/search",
    summary="Search all rooms",
    openapi_extra=documented(
        (200, "What was found."),
        (401, "Not signed in."),
        (422, "The search can't be read, or `before` is none."),
    ),
)
@lanes.searches_apart
def search_list(request: Request, me: SignedIn, q: Search = "", before: Place = "") -> Response:
    """Return the newest 50 messages that `q` finds in all rooms that one sees.

    Each is as in a room's list, and has `room` and `room_name`. There is more as long as `before`
    is not null.
    """
    found = everywhere.find(me, query.parse(q, me.zone), _opened(request, before))
    listed = [_as_json(hit) for hit in found.hits]
    return JSONResponse({"messages": listed, "before": _sealed(request, found)})


@router.get(
    "/search/filters",
    summary="Search all rooms by a form's fields",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the search.")),
)
def search_form(request: Request, me: SignedIn) -> Response:
    """Send the browser on to the search that a form's fields describe.

    They are words, from, in, has, mentions, on, after and before.
    """
    return render.redirect(request, f"/search?q={quote(fields.compose(request.query_params))}")


def _opened(request: Request, before: str) -> int | None:
    return everywhere.opened(parts.of(request, Cursors), before)


def _sealed(request: Request, found: Found) -> str | None:
    return everywhere.sealed(parts.of(request, Cursors), found.before)


def _as_json(hit: Hit) -> dict[str, Any]:
    room = {"room": hit.room.place.slug, "room_name": hit.room.name}
    return shown.as_json(hit.message) | room
