"""Addresses of what is in a room: the first room's own, and the same below the others' slugs.

One function serves both. It asks for `InRoom`, the slug of the room that it is asked about, and
finds the room by `rooms.find`: as who asks may see it.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from service.base.errors import Moved
from service.rooms.places import BOARD_PLACE, Place
from service.rooms.rooms import Slug

ANY = Place(0, "{slug}")  # as the addresses of all rooms but the first one are described

Endpoint = Callable[..., Any]
Register = Callable[[Endpoint], Endpoint]


async def _slug(request: Request) -> str:
    return request.path_params.get("slug", BOARD_PLACE.slug)


InRoom = Annotated[str, Depends(_slug)]


async def _not_the_first(request: Request, slug: Slug) -> None:
    """Send whoever names the first room by its slug on to its own addresses."""
    if slug == BOARD_PLACE.slug:
        path: str = request.scope["path"]
        named, own = Place(0, slug), BOARD_PLACE
        old, new = (named.api, own.api) if path.startswith("/api/") else (named.page, own.page)
        raise Moved(path.replace(old, new, 1))


def page(router: APIRouter, path: str = "", **described: Any) -> Register:
    """Let a function answer for a page of every room, or one below it."""
    return _both(router, "GET", (BOARD_PLACE.page + path, ANY.page + path), described)


def get(router: APIRouter, path: str, **described: Any) -> Register:
    """Let a function answer what programs ask of every room."""
    return _both(router, "GET", (BOARD_PLACE.api + path, ANY.api + path), described)


def post(router: APIRouter, path: str, **described: Any) -> Register:
    """Let a function do what is sent to every room."""
    return _both(router, "POST", (BOARD_PLACE.api + path, ANY.api + path), described)


def _both(
    router: APIRouter, method: str, paths: tuple[str, str], described: dict[str, Any]
) -> Register:
    own, others = paths

    def register(endpoint: Endpoint) -> Endpoint:
        router.add_api_route(own, endpoint, methods=[method], **described)
        named: dict[str, Any] = described | {"dependencies": [Depends(_not_the_first)]}
        router.add_api_route(others, endpoint, methods=[method], **named)
        return endpoint

    return register
