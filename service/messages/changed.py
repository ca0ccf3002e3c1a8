"""What changed after a cursor, as programs ask for it: in one room, or in all of theirs."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse

from service.access import visible
from service.access.identity import Identity
from service.base import parts
from service.data.cursors import Cursors
from service.live.changes import Log


def after(request: Request, me: Identity, text: str, room: int | None = None) -> JSONResponse:
    """Return what changed after the cursor that `text` writes, in a room or in all rooms."""
    cursors = parts.of(request, Cursors)
    cursor = cursors.parse(text)
    if cursor and not visible.may_follow(cursor):
        cursor = None
    found = parts.of(request, Log).after(me, cursor, room=room)
    return JSONResponse(found.as_json(cursors.sealed))


def from_now(request: Request, me: Identity) -> JSONResponse:
    """Return the cursor behind all that has happened in the rooms that `me` sees."""
    now = replace(parts.of(request, Log).after(me, None), resync=False)
    return JSONResponse(now.as_json(parts.of(request, Cursors).sealed))
