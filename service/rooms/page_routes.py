"""Pages of rooms: made, found, looked at, and what asks once before it is done."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.access.guards import AskingForDirect, AskingForRoom, SignedIn
from service.access.identity import Identity
from service.access.roles import Deed
from service.base import lanes
from service.base.errors import NotFound
from service.data import db
from service.rooms import choosing, deeds, making, memberships, pages, rooms
from service.rooms.places import BOARD_PLACE
from service.rooms.rooms import Slug
from service.web import render

router = APIRouter()


@router.get("/rooms/new", summary="Form of a new room", response_class=HTMLResponse)
@lanes.on("reads")
def new_room(request: Request, me: AskingForRoom) -> Response:
    making.require_let(me)
    return pages.make_room(request)


@router.get("/rooms/open", summary="Open rooms", response_class=HTMLResponse)
@lanes.on("reads")
def open_rooms(request: Request, me: SignedIn) -> Response:
    return pages.browse(request, me)


@router.get("/direct/new", summary="Form of a direct message", response_class=HTMLResponse)
@lanes.on("reads")
def new_direct(
    request: Request,
    me: AskingForDirect,
    q: str | None = None,
    to: Annotated[Sequence[str], Query()] = (),
) -> Response:
    """Return the form; who has been chosen in a link leads to what there is with them already."""
    there = choosing.talk(me, to[0]) if q is None and len(to) == 1 else None
    return render.redirect(request, there.page) if there else pages.choose(request, me, q or "", to)


@router.get("/msgs/details", summary="Details of the first room", response_class=HTMLResponse)
@lanes.on("reads")
def details_of_the_first(request: Request, me: SignedIn) -> Response:
    return pages.details(request, me, BOARD_PLACE.slug)


@router.get("/rooms/{slug}/details", summary="Details of a room", response_class=HTMLResponse)
@lanes.on("reads")
def details(request: Request, me: SignedIn, slug: Slug) -> Response:
    return pages.details(request, me, slug)


# What can't be taken back is asked for at an address of its own.


@router.get("/rooms/{slug}/deletion", summary="Room's deletion form", response_class=HTMLResponse)
@lanes.on("reads")
def deletion(request: Request, me: SignedIn, slug: Slug) -> Response:
    return _asked(request, me, slug, "deletion", "delete")


@router.get("/rooms/{slug}/private", summary="Privacy form", response_class=HTMLResponse)
@lanes.on("reads")
def private(request: Request, me: SignedIn, slug: Slug) -> Response:
    return _asked(request, me, slug, "private", "private")


@router.get("/rooms/{slug}/leaving", summary="Leaving form", response_class=HTMLResponse)
@lanes.on("reads")
def leaving(request: Request, me: SignedIn, slug: Slug) -> Response:
    return _asked(request, me, slug, "leaving")


def _asked(
    request: Request, me: Identity, slug: str, asked: str, deed: Deed | None = None
) -> Response:
    """Return the form that says what will happen, and asks whether to do it."""
    room = rooms.find(me, slug)
    may = deed in deeds.allowed(room, me.user_id, me.may) if deed else deeds.leaves(room)
    if not may:
        raise NotFound
    with db.read():
        last = memberships.is_last(room)
    return render.html(request, "rooms/ask.html", room=room, asked=asked, last=last)
