"""Messages as their readers get them: a page, a fragment of one, or a list for programs."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access.identity import Identity
from service.access.options import Current
from service.base import clock, parts, splices
from service.base.assets import takes_gzip
from service.base.errors import BoardError, Conflict
from service.base.splices import Spliced, Split
from service.data.cursors import Cursors
from service.live.wakes import Told
from service.messages import around, messages, newest, shown, since, writing
from service.messages.asking import Asked
from service.messages.messages import Listing, MessageView
from service.messages.newest import Kept
from service.messages.since import Since
from service.rooms.rooms import RoomView
from service.search import fields
from service.unread import rail
from service.web import render
from service.web.forms import Fields

Composer = dict[str, str | None]
COMPRESSED = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
# They stand for a form's key and the rail; nobody can write them into a message.
KEY_PLACE, RAIL_PLACE = secrets.token_hex(16), secrets.token_hex(16)


def answer(
    request: Request, asked: Asked, page: Callable[[Request, Asked], Response] | None = None
) -> Response:
    """Answer with a page, a fragment of it for htmx, or a list for programs.

    A search that can't be read is answered with its text kept and what is wrong with it.
    """
    return render.answer(
        request,
        page=partial(page or as_page, request, asked),
        fragment=partial(_as_fragment, request, asked),
        program=partial(listed, request, asked),
    )


def as_page(request: Request, asked: Asked) -> Response:
    if asked.newest:
        return _newest_page(request, asked, "messages/messages.html")
    newer = around.newer(asked.me, asked.before, asked.room.place) if asked.before else None
    return _found(request, asked, "messages/messages.html", newer=newer)


def _as_fragment(request: Request, asked: Asked) -> Response:
    if asked.newest:
        return _newest_page(request, asked, "messages/_board.html")
    older = asked.before and not asked.fault
    return _found(request, asked, f"messages/{'_older' if older else '_board'}.html")


def with_composer(
    request: Request,
    me: Identity,
    room: RoomView,
    form: Composer,
    failure: BoardError | None = None,
) -> Response:
    """Return a room's newest page with a form that was refused, or is to be seen first."""
    asked = Asked(me, room)
    text = _text(request, "messages/messages.html", asked, asked.find(), **form)
    return HTMLResponse(text, failure.status if failure else 200)


def beside(
    request: Request,
    me: Identity,
    room: RoomView,
    template: str,
    find: Callable[[], dict[str, Any]],
    failure: BoardError | None = None,
) -> Response:
    """Return a room's newest page with a pane: by a template that extends the page's.

    What the pane shows is found after the page's cursor was read, so that nothing is missed. A form
    in it may be one that was refused.
    """
    asked = Asked(me, room)
    listing = asked.find()
    text = _text(request, template, asked, listing, **empty_composer(), **find())
    return HTMLResponse(text, failure.status if failure else 200)


def anew(request: Request, me: Identity, message: MessageView) -> Response:
    """Tell open pages that a message changed, and answer with it as they get it.

    A browser goes back to it, wherever it stands by now.
    """
    parts.of(request, Told).tell()
    event = {"kind": "changed", "m": message, "viewer": shown.viewer(message, me)}
    return render.answer(
        request,
        page=partial(render.redirect, request, f"{message.place.page}/{message.id}"),
        fragment=partial(render.html, request, "messages/_event.html", zone=me.clock, **event),
        program=partial(JSONResponse, shown.as_json(message)),
    )


def matches(request: Request, asked: Asked) -> Response:
    """Return a page of what a search finds, to bring an open one up to date; raise Invalid."""
    return HTMLResponse(_text(request, "search/_matches.html", asked, asked.find()))


def listed(request: Request, asked: Asked) -> Response:
    """Return the messages as JSON; raise Invalid if the search can't be read."""
    if asked.newest:
        kept = newest.of(request)
        content = kept.made("list", lambda: _list(request, kept.listing))
    else:
        content = _list(request, asked.find())
    return Response(content, media_type="application/json")


def _list(request: Request, found: Listing) -> bytes:
    return bytes(JSONResponse(as_json(request, found)).body)


def as_json(request: Request, found: Listing) -> dict[str, Any]:
    """Return a list as programs get it."""
    return {
        "messages": [shown.as_json(message) for message in found.messages],
        "cursor": parts.of(request, Cursors).sealed(found.cursor),
        "before": found.before,
    }


def kept(fields: Fields, failure: BoardError | None = None) -> Composer:
    """Return the form with its text kept, and a key that can be sent again."""
    key = fields["client_key"]
    usable = writing.CLIENT_KEY.fullmatch(key) and not isinstance(failure, Conflict)
    return empty_composer() | {
        "text": fields["message"],
        "error": failure.message if failure else None,
        **({"client_key": key} if usable else {}),
    }


def empty_composer() -> Composer:
    return {"text": "", "error": None, "client_key": writing.new_client_key()}


def _found(request: Request, asked: Asked, template: str, **context: Any) -> Response:
    found = _nothing(asked.room) if asked.fault else asked.find()
    text = _text(request, template, asked, found, **empty_composer(), **context)
    return HTMLResponse(text, asked.fault.status if asked.fault else 200)


def _nothing(room: RoomView) -> Listing:
    """Return an empty list that is followed as the room's."""
    return Listing([], messages.newest_cursor(room.place.id), None)


def _newest_page(request: Request, asked: Asked, template: str) -> Response:
    """Return the newest page, made once for each reader, but for its form's key and the rail."""
    me, kept = asked.me, newest.of(request)
    change = asked.is_new_role, asked.is_new_composer
    waiting = parts.of(request, Current).waiting if me.may("admit") else 0
    new = since.find(request, me, asked.room.place, kept.listing, below=asked.newest_first)
    kind = template, replace(me, session_id="", token_id=None), _today(me), change, waiting, new
    split = kept.made(kind, lambda: _with_rows(request, template, asked, kept, new))
    beside = rail.around(request, me) if render.caller(request) == "page" else rail.NONE
    patches = beside.packed, splices.stored(writing.new_client_key().encode())
    if not takes_gzip(request.headers):
        return HTMLResponse(split.filled(*patches))
    spliced = kept.made(("gzip", *kind), lambda: Spliced(split))
    return HTMLResponse(spliced.filled(*patches), headers=COMPRESSED)


def _with_rows(
    request: Request, template: str, asked: Asked, kept: Kept, new: Since | None
) -> Split:
    kind = _kind(asked, kept.listing, new)
    rows = kept.made(kind, lambda: _rows(request, asked, kept.listing, new))
    places = {"client_key": KEY_PLACE, "rail": RAIL_PLACE}
    context = {**empty_composer(), **places}
    text = _text(request, template, asked, kept.listing, rows=rows, **context)
    return Split(text.encode(), RAIL_PLACE.encode(), KEY_PLACE.encode())


def _kind(asked: Asked, found: Listing, new: Since | None) -> tuple[object, ...]:
    """Return what the rows of a page depend on: whoever is the same to all shares them."""
    me = asked.me
    viewers = tuple(shown.viewer(message, me) for message in found.messages)
    return "rows", asked.newest_first, me.clock, _today(me), viewers, new


def _rows(request: Request, asked: Asked, found: Listing, new: Since | None) -> Markup:
    me = asked.me
    shows = {"messages": found.messages, "list_newest_first": asked.newest_first}
    context = {**shows, "zone": me.clock, "me": me, "new": new}
    return Markup(render.text(request, "messages/_list.html", **context))  # noqa: S704


def _today(me: Identity) -> str:
    return clock.day(clock.now(), me.zone)


def _text(request: Request, template: str, asked: Asked, found: Listing, **context: Any) -> str:
    return render.text(
        request,
        template,
        messages=found.messages,
        room=asked.room,
        place=asked.room.place,
        cursor=parts.of(request, Cursors).sealed(found.cursor),
        before=found.before,
        newest=asked.before is None,
        newest_first=asked.newest_first,
        query=asked.search,
        filters=fields.fields(asked.search) if asked.search else {},
        fault=asked.fault.message if asked.fault else None,
        zone=asked.me.clock,
        today=_today(asked.me),
        is_new_role=asked.is_new_role,
        writing=asked.writing,
        is_new_composer=asked.is_new_composer,
        **context,
    )
