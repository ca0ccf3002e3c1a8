"""The rail as a page of its own, as the part of an open page, and as a list for programs."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access.guards import SignedIn
from service.base import lanes
from service.unread import finding, rail
from service.web import render
from service.web.forms import documented

router = APIRouter()
Words = Annotated[str, Query(max_length=200, description="The beginnings of words of a name")]
Path = Annotated[str, Query(max_length=200, description="The path of the page that it is beside")]


@router.get(
    "/rooms",
    summary="One's rooms, direct messages, and people",
    openapi_extra=documented((200, "Those with words that begin like those of `q`.")),
)
@lanes.on("reads")
def show(request: Request, me: SignedIn, q: Words = "") -> Response:
    """Return one's rooms and direct messages with what is unread there, and who else is here.

    Programs get the rooms and direct messages: each has `slug`, `kind`, `name`, `unread` (whether
    anything is) and `count` (mentions, and in a direct message all that is unread).
    """
    known = rail.known(request, me)
    found = finding.find(me, known.rail, q)
    shown = partial(render.html, request, found=found, q=q)
    listed = rail.json([*found.rooms, *found.directs])
    return render.form(request, "unread/rooms", shown, partial(JSONResponse, listed))


@router.get("/rooms/rail", summary="The rail of an open page", response_class=HTMLResponse)
@lanes.on("reads")
def show_rail(request: Request, me: SignedIn, path: Path = "") -> Response:
    """Return the rail as it is now, as a fragment that replaces that of an open page."""
    return HTMLResponse(rail.around(request, me, path).html)
