"""Which pages there are, and what a test says of those that it shows to axe."""

import re

import pytest

from tests.access.rows import ROWS

ANSWERS = "answers programs"
PASSES = "sends on to another page"
# What a GET answers with that is no page of its own.
NO_PAGES = {
    "/healthz": ANSWERS,
    "/readyz": ANSWERS,
    "/api/messages": "is the list within the board",
    "/api/messages/all": ANSWERS,
    "/api/message/{message_id}": ANSWERS,
    "/api/mentionable": ANSWERS,
    "/api/pins": ANSWERS,
    "/api/message/{message_id}/quote": ANSWERS,
    "/api/rooms/{slug}/message/{message_id}/quote": ANSWERS,
    "/api/rooms/{slug}/pins": ANSWERS,
    "/api/message/{message_id}/replies": ANSWERS,
    "/api/rooms/{slug}/message/{message_id}/replies": ANSWERS,
    "/api/passkey/question": ANSWERS,
    "/api/passkey/confirm/question": ANSWERS,
    "/api/passkey/second/question": ANSWERS,
    "/api/rooms": ANSWERS,
    "/api/rooms/{slug}": ANSWERS,
    "/api/rooms/{slug}/members": ANSWERS,
    "/api/rooms/{slug}/messages": "is the list within the room",
    "/api/rooms/{slug}/message/{message_id}": ANSWERS,
    "/api/rooms/{slug}/mentionable": ANSWERS,
    "/rooms/rail": "is a part of every wide page",
    "/rooms/{slug}/matches": "is a part of the room's search",
    "/rooms/{slug}/search": PASSES,
    "/rooms/{slug}/day": PASSES,
    "/rooms/{slug}/{message_id}": PASSES,
    "/admin/audit.csv": "is a table to download",
    "/manifest.webmanifest": "answers browsers",
    "/robots.txt": ANSWERS,
    "/favicon.ico": PASSES,
    "/.well-known/change-password": PASSES,
    "/msgs/matches": "is a part of the board's search",
    "/msgs/search": PASSES,
    "/msgs/day": PASSES,
    "/msgs/{message_id}": PASSES,
    "/api/search": ANSWERS,
    "/search/filters": PASSES,
    "/oidc/{provider}/callback": PASSES,
    "/oidc/{provider}/confirm": PASSES,
    "/oidc/{provider}/link": PASSES,
    "/oidc/{provider}/logout": PASSES,
}


def addresses() -> set[str]:
    """Return every address that a browser can go to."""
    return {route.removeprefix("GET ") for route in ROWS if route.startswith("GET ")}


def pages() -> set[str]:
    return addresses() - NO_PAGES.keys()


def page_of(path: str) -> str | None:
    """Return the address of the page that a path leads to; where two fit, the plainer."""
    fitting = [page for page in pages() if re.fullmatch(re.sub(r"{\w+}", "[^/]+", page), path)]
    return min(fitting, key=lambda page: page.count("{"), default=None)


def said_of(test: object) -> set[str]:
    """Return the pages that a test says it shows to axe."""
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    return {page for mark in marks if mark.name == "shows" for page in mark.args}
