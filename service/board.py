"""The board as its readers get it: a page, a fragment of one, or a list for programs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import clock, messages, query, render
from service.errors import Invalid
from service.events import Cursor
from service.messages import MessageView
from service.query import Query
from service.tokens import Claims

Composer = dict[str, str | None]


def asked(q: str, me: Claims) -> Query | None:
    """Return what a search asks for, or None if it is blank; raise Invalid."""
    return query.parse(q, me.zone) if q.strip() else None


def page(
    request: Request,
    me: Claims,
    before: int | None = None,
    q: str = "",
    composer: Composer | None = None,
    status: int = 200,
) -> Response:
    """Return the newest messages, those before an id, or those a search finds, as HTML.

    A search that can't be read is answered with its text kept and what is wrong with it.
    """
    try:
        search, fault = asked(q, me), None
        found = messages.page(before, search)
    except Invalid as failure:
        search, fault, status = Query(q), failure.message, failure.status
        found = messages.Page([], messages.newest_cursor(), None)
    template = "messages/messages.html"
    if render.caller(request) == "htmx":
        template = "messages/_older.html" if before and not fault else "messages/_board.html"
    context = {"fault": fault, "live": before is None, **(composer or empty_composer())}
    return _render(request, me, template, found, search, status, **context)


def matches(request: Request, me: Claims, before: int | None, q: str) -> Response:
    """Return a page of what a search finds, to bring an open one up to date; raise Invalid."""
    search = asked(q, me)
    return _render(request, me, "messages/_matches.html", messages.page(before, search), search)


def listed(before: int | None, search: Query | None) -> Response:
    """Return the newest messages, of those before an id and of those found, for a program."""
    found = messages.page(before, search)
    return JSONResponse(
        {
            "messages": [as_json(message) for message in found.messages],
            "cursor": str(found.cursor),
            "before": found.before,
        }
    )


def changes(after: str) -> Response:
    """Return what changed after a cursor, for a program."""
    found = messages.changes(Cursor.parse(after))
    return JSONResponse(
        {
            "events": [
                {"seq": change.seq, "kind": change.kind, "id": change.message.id}
                | ({} if change.message.deleted else {"message": as_json(change.message)})
                for change in found.changes
            ],
            "cursor": str(found.cursor),
            "resync": found.resync,
        }
    )


def as_json(message: MessageView) -> dict[str, Any]:
    return {
        "id": message.id,
        "text": message.text,
        "timestamp": clock.utc(message.timestamp),
        "author": message.author,
        "edited": message.edited,
        "seq": message.seq,
    }


def empty_composer() -> Composer:
    return {"text": "", "error": None, "client_key": messages.new_client_key()}


def filters(search: Query) -> dict[str, str]:
    """Return a search as the fields of its form; names that have no field stand with the words."""
    more = [f'from:"{name}"' for name in search.authors[1:]]
    more += [f'-from:"{name}"' for name in search.not_authors]
    return {
        "words": " ".join([*more, search.bare]),
        "from": search.authors[0] if search.authors else "",
        **{operator: str(day) for operator, day in search.days},
    }


def _render(
    request: Request,
    me: Claims,
    template: str,
    found: messages.Page,
    search: Query | None,
    status: int = 200,
    **context: Any,
) -> Response:
    return render.page(
        request,
        template,
        status,
        messages=found.messages,
        cursor=found.cursor,
        before=found.before,
        query=search,
        filters=filters(search) if search else {},
        zone=me.zone,
        today=clock.day(clock.now(), me.zone),
        **context,
    )
