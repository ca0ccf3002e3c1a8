"""The live channel: server-sent events.

A plain ASGI endpoint beside FastAPI: that takes a third of the memory per open page.
"""

from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.access import ended
from service.access.guards import admit
from service.access.identity import Identity
from service.base import parts
from service.base.errors import NotAllowed
from service.base.paces import Replays
from service.data.cursors import Cursors
from service.data.events import Cursor
from service.live.hub import Hub
from service.web import asked_for

PATH = "/api/events"
# FastAPI does not see this endpoint, so its description is written here.
DESCRIPTION: dict[str, Any] = {
    "get": {
        "summary": "Live changes",
        "tags": ["live"],
        "description": (
            "Server-sent events, without end: each change as the HTML the page swaps in, with its "
            "cursor as the id. Named events: `ping` every 25 s, `resync` when the list must be "
            "fetched anew, `signed-out`, `left` when the room is not mine to see any more, and "
            "`elsewhere`, at most once a second: something is new in other rooms that I am in, "
            "named by their slugs, or with none something else of the list of rooms. Programs may "
            "rather ask /api/messages?after=."
        ),
        "parameters": [
            {
                "name": name,
                "in": where,
                "required": False,
                "schema": {"type": "string"},
                "description": description,
            }
            for name, where, description in (
                ("room", "query", "The slug of a room; without it, the first one"),
                ("after", "query", "A cursor: begin with what changed after it"),
                ("zone", "query", "The page's time zone; if it is no longer mine, `resync` comes"),
                (
                    "hours",
                    "query",
                    "The page's 12 or 24 hours; if those are not mine, `resync` comes",
                ),
                ("user", "query", "The page's user; if that is no longer me, `resync` comes"),
                ("role", "query", "The page's role; if it is no longer mine, `resync` comes"),
                ("Last-Event-ID", "header", "The last cursor received; goes before `after`"),
            )
        ],
        "security": asked_for.of(["read"]),
        "responses": {
            "200": {"description": "The stream."},
            "401": {"description": "Not signed in."},
            "403": {"description": "May not read."},
            "404": {"description": "No such room that I may see."},
            "429": {"description": "Connected too often; see Retry-After."},
            "503": {"description": "Too many streams, or restarting; see Retry-After."},
        },
    }
}


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Send what changes in a room after `Last-Event-ID`, or else `?after=`, until it ends."""
    scope["route"] = parts.Route(PATH, endless=True)
    if scope["method"] not in {"GET", "HEAD"}:
        raise NotAllowed("GET", "HEAD")
    me = await admit(scope, "read")
    hub = parts.of(scope, Hub)
    await hub.ends.catch_up()
    if scope["method"] == "HEAD":
        await Response(media_type="text/event-stream")(scope, receive, send)
        return
    await parts.of(scope, Replays).take(me.user_id)
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    room = await hub.find(query.get("room", ""))
    # Subscribed before the replay: what is committed in between comes twice rather than never.
    with ended.sessions.following(me), hub.subscribe(me, room) as subscriber:
        me = await hub.admit(subscriber)
        cursor = await hub.trusted(_cursor(scope, query, me))
        scope["headers"] = []  # they would be kept for as long as the page is open
        await hub.stream(subscriber, cursor, receive, send)


def _cursor(scope: Scope, query: dict[str, str], me: Identity) -> Cursor | None:
    now = {"zone": me.zone, "hours": me.hours, "user": str(me.user_id), "role": me.role}
    if any(query.get(name, value) != value for name, value in now.items()):
        return None  # the page was made for another clock, user or role: it must be fetched anew
    written = Headers(scope=scope).get("last-event-id") or query.get("after", "")
    return parts.of(scope, Cursors).parse(written)
