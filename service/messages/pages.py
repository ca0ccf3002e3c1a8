"""The board as its readers get it: a page, a fragment of one, or a list for programs."""

import secrets
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access.identity import Identity
from service.base import clock
from service.base.assets import takes_gzip
from service.base.errors import Invalid
from service.base.splices import Spliced
from service.messages import messages, newest, shown, writing
from service.messages.newest import Kept
from service.search import query
from service.search.query import Query
from service.web import render
from service.web.markup import NOWHERE, Places
from service.web.render import Look

Composer = dict[str, str | None]
COMPRESSED = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
KEY_PLACE = secrets.token_hex(16)  # stands for a form's key; nobody can write it into a message


def places(text: str, search: Query | None) -> Places:
    """Return where a text has what a search looks for."""
    return query.marks(search, text) if search else NOWHERE


look = Look(
    filters={"places": places},
    shared={"query": None},  # what a page searches for
    # Its day's label changes at midnight.
    pieces={"message": ("messages/_message.html", ("m", "zone", "first", "mine", "day_label"))},
)


def asked(q: str, me: Identity) -> Query | None:
    """Return what a search asks for, or None if it is blank; raise Invalid."""
    return query.parse(q, me.zone) if q.strip() else None


def page(
    request: Request,
    me: Identity,
    before: int | None = None,
    q: str = "",
    composer: Composer | None = None,
    status: int = 200,
) -> Response:
    """Return the newest messages, those before an id, or those a search finds, as HTML.

    A search that can't be read is answered with its text kept and what is wrong with it.
    """
    if before is None and composer is None and not q.strip():
        return _newest_page(request, me, _board_template(request))
    try:
        search, fault = asked(q, me), None
        found = messages.newest(me, before, search)
    except Invalid as failure:
        search, fault, status = Query(q), failure.message, failure.status
        found = messages.Listing([], messages.newest_cursor(), None)
    older = render.caller(request) == "htmx" and before and not fault
    template = "messages/_older.html" if older else _board_template(request)
    context = {"fault": fault, "live": before is None, **(composer or empty_composer())}
    text = _text(request, me, template, found, search, **context)
    return HTMLResponse(text, status)


def _board_template(request: Request) -> str:
    name = "_board" if render.caller(request) == "htmx" else "messages"
    return f"messages/{name}.html"


def _newest_page(request: Request, me: Identity, template: str) -> Response:
    """Return the newest page, made once for each reader; but its form's key is always a new one."""
    kept = newest.of(request, me)
    kind = (template, me.user_id, me.name, me.zone, _today(me))
    text = kept.made(kind, lambda: _with_rows(request, me, template, kept))
    key = writing.new_client_key()
    if not takes_gzip(request.headers):
        return HTMLResponse(text.replace(KEY_PLACE, key))
    place = KEY_PLACE.encode()
    spliced = kept.made(("gzip", *kind), lambda: Spliced(text.encode(), place))
    return HTMLResponse(spliced.filled(key.encode()), headers=COMPRESSED)


def _with_rows(request: Request, me: Identity, template: str, kept: Kept) -> str:
    found = kept.page
    rows = kept.made(_kind(me, found), lambda: _rows(request, me, found))
    composer = {**empty_composer(), "client_key": KEY_PLACE}
    return _text(request, me, template, found, None, fault=None, live=True, rows=rows, **composer)


def _kind(me: Identity, found: messages.Listing) -> tuple[object, ...]:
    """Return what the rows of a page depend on: those who wrote none of them share theirs."""
    is_author = any(message.author_id == me.user_id for message in found.messages)
    return "rows", me.zone, _today(me), me.user_id if is_author else None


def _today(me: Identity) -> str:
    return clock.day(clock.now(), me.zone)


def _rows(request: Request, me: Identity, found: messages.Listing) -> Markup:
    context = {"messages": found.messages, "zone": me.zone, "me": me}
    return Markup(render.text(request, "messages/_list.html", **context))  # noqa: S704


def matches(request: Request, me: Identity, before: int | None, q: str) -> Response:
    """Return a page of what a search finds, to bring an open one up to date; raise Invalid."""
    search = asked(q, me)
    found = messages.newest(me, before, search)
    return HTMLResponse(_text(request, me, "search/_matches.html", found, search))


def listed(request: Request, me: Identity, before: int | None, search: Query | None) -> Response:
    """Return the newest messages, of those before an id and of those found, for a program."""
    if before is None and search is None:
        kept = newest.of(request, me)
        content = kept.made("list", lambda: _list(kept.page))
    else:
        content = _list(messages.newest(me, before, search))
    return Response(content, media_type="application/json")


def _list(found: messages.Listing) -> bytes:
    listed = {
        "messages": [shown.as_json(message) for message in found.messages],
        "cursor": str(found.cursor),
        "before": found.before,
    }
    return bytes(JSONResponse(listed).body)


def empty_composer() -> Composer:
    return {"text": "", "error": None, "client_key": writing.new_client_key()}


def filters(search: Query) -> dict[str, str]:
    """Return a search as the fields of its form; names that have no field stand with the words."""
    more = [f'from:"{name}"' for name in search.authors[1:]]
    more += [f'-from:"{name}"' for name in search.not_authors]
    return {
        "words": " ".join([*more, search.bare]),
        "from": search.authors[0] if search.authors else "",
        **{operator: str(day) for operator, day in search.days},
    }


def _text(
    request: Request,
    me: Identity,
    template: str,
    found: messages.Listing,
    search: Query | None,
    **context: Any,
) -> str:
    return render.text(
        request,
        template,
        messages=found.messages,
        cursor=found.cursor,
        before=found.before,
        query=search,
        filters=filters(search) if search else {},
        zone=me.zone,
        today=_today(me),
        **context,
    )
