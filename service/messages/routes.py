"""The board: read, post, edit, delete."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from service.access.guards import Changing, SignedIn
from service.access.identity import Identity
from service.base import lanes, numbers, parts
from service.base.errors import BoardError, Conflict, Invalid
from service.base.numbers import MAX_ID
from service.base.paces import Replays
from service.data import rules
from service.data.events import Cursor
from service.live.changes import Log
from service.live.wakes import Told
from service.messages import messages, newest, pages, shown, writing
from service.messages.messages import MessageView
from service.messages.posts import Posting
from service.search import query
from service.web import render
from service.web.forms import NUMBER, Fields, Submitted, documented

router = APIRouter()
Before = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Only those before this id")]
MessageId = Annotated[int, Path(ge=1, le=MAX_ID)]
After = Annotated[str | None, Query(description="A cursor: what changed after it")]
Search = Annotated[
    str, Query(description='Words, "a phrase", -not, from:name, before:, after: and on: a day')
]
TOO_OFTEN = (429, "Too many changes; see Retry-After.")
TEXT = (True, f"1-{rules.MAX_TEXT} characters, counted after line ends became LF")


async def _lane(request: Request, given: dict[str, Any]) -> lanes.Lane | None:
    if given["q"].strip():
        return "searches"
    asks_more = given["before"] is not None or given.get("after") is not None
    # What has changed is yet to be rendered.
    return "reads" if asks_more or not await newest.fetch(request, given["me"]) else None


@router.get("/msgs", summary="The board", openapi_extra=documented((200, "The newest messages.")))
@lanes.chosen(_lane)
def show_board(request: Request, me: SignedIn, before: Before = None, q: Search = "") -> Response:
    """Return the newest 50 messages as a page, of those before an id and of those `q` finds."""
    if render.caller(request) == "program":
        return pages.listed(request, me, before, pages.asked(q, me))
    return pages.page(request, me, before, q)


@router.get("/msgs/matches", summary="What an open search finds now", response_class=HTMLResponse)
@lanes.searches_apart
def matches(request: Request, me: SignedIn, before: Before = None, q: Search = "") -> Response:
    """Return a page of matches as a fragment that replaces what the search shows of it."""
    return pages.matches(request, me, before, q)


@router.get(
    "/msgs/search",
    summary="Search by a form's fields",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra=documented((303, "On to the search.")),
)
def search_form(request: Request, me: SignedIn) -> Response:
    """Send the browser on to the search that the fields words, from, on, after, before describe."""
    given = request.query_params
    days = {operator: given.get(operator, "") for operator in ("on", "after", "before")}
    q = query.compose(given.get("words", ""), given.get("from", ""), **days)
    return render.redirect(request, f"/msgs?q={quote(q)}" if q else "/msgs")


@router.get(
    "/api/messages",
    summary="List messages, or what changed",
    openapi_extra=documented(
        (200, "A list, or with `after` the changes since that cursor."),
        (401, "Not signed in."),
        (422, "`after` excludes `before` and `q`, or the search can't be read."),
        (429, "Asked `after` too often; see Retry-After."),
    ),
)
@lanes.chosen(_lane)
def list_messages(
    request: Request, me: SignedIn, before: Before = None, after: After = None, q: Search = ""
) -> Response:
    """Return the newest 50 messages, of those before an id, of those found, or what changed."""
    if after is not None:
        if before is not None or q:
            raise Invalid(after="Give after alone: it excludes before and q.")
        parts.of(request, Replays).take(me.user_id)
        found = parts.of(request, Log).after(me, Cursor.parse(after))
        return JSONResponse(found.as_json())
    if render.caller(request) == "htmx" or "text/html" in request.headers.get("accept", ""):
        return pages.page(request, me, before, q)
    return pages.listed(request, me, before, pages.asked(q, me))


@router.post(
    "/api/message",
    summary="Post a message",
    status_code=201,
    openapi_extra=documented(
        (201, "Posted; or posted before with the same client_key and text."),
        (303, "Posted; back to the board (a browser's form)."),
        (401, "Not signed in."),
        (409, "The client_key came with another text already."),
        (422, "The text is empty or too long."),
        TOO_OFTEN,
        message=TEXT,
        client_key=(False, "Makes the request repeatable: 1-64 letters, digits, - and _"),
        author=(
            False,
            "The id of the user the form was made for; refused if another is signed in",
            NUMBER,
        ),
    ),
)
async def post_message(request: Request, me: Changing, fields: Submitted) -> Response:
    """Post a message. Sent again with its client_key, it is not posted again."""
    try:
        message = await _post(request, me, fields)
    except (Invalid, Conflict) as failure:
        kept = partial(_kept_composer, request, me, fields, failure)
        return await lanes.run(request.scope, "writes", kept)
    parts.of(request, Told).tell()
    return _answer(request, me, message, "messages/_posted.html", 201)


async def _post(request: Request, me: Identity, fields: Fields) -> MessageView:
    """Write a message, together with others that come just now; if that can't be, alone."""
    if fields["author"] not in {"", str(me.user_id)}:
        raise Conflict(f"You are signed in as {me.name} now. Send again to post as {me.name}.")
    new = writing.draft(me, fields["message"], fields["client_key"])
    if written := await parts.of(request, Posting).ask(new):
        return writing.posted(new, written)
    return await lanes.run(request.scope, "writes", writing.write, me, new)


@router.get("/msgs/{message_id}/edit", summary="Edit form", response_class=HTMLResponse)
@lanes.on("reads")
def edit_form(request: Request, me: SignedIn, message_id: MessageId) -> Response:
    message = messages.own(me, message_id)
    return _form(request, me, "edit", message, text=message.text, error=None)


@router.post(
    "/api/message/{message_id}/edit",
    summary="Edit one's own message",
    openapi_extra=documented(
        (200, "Edited."),
        (303, "Edited; back to the board (a browser's form)."),
        (404, "No such message of yours."),
        (409, "It changed after `seq`."),
        (422, "The text is empty or too long."),
        TOO_OFTEN,
        message=TEXT,
        seq=(
            False,
            "The seq of the message as last seen: a later change is not overwritten",
            NUMBER,
        ),
    ),
)
@lanes.on("writes")
def edit_message(
    request: Request, me: Changing, message_id: MessageId, fields: Submitted
) -> Response:
    """Replace the text of one's own message."""
    try:
        message = writing.edit(me, message_id, fields["message"], _seq(fields["seq"]))
    except (Invalid, Conflict) as failure:
        if render.caller(request) == "program":
            raise
        return _form(
            request,
            me,
            "edit",
            messages.own(me, message_id),
            failure.status,
            text=fields["message"],
            error=failure.message,
        )
    parts.of(request, Told).tell()
    return _answer(request, me, message, "messages/_edited.html")


def _seq(text: str) -> int | None:
    number = numbers.of(text)
    if text and number is None:
        raise Invalid(seq="A seq is a number.")
    return number


@router.get("/msgs/{message_id}/deletion", summary="Deletion form", response_class=HTMLResponse)
@lanes.on("reads")
def deletion_form(request: Request, me: SignedIn, message_id: MessageId) -> Response:
    return _form(request, me, "deletion", messages.own(me, message_id))


@router.post(
    "/api/message/{message_id}/deletion",
    summary="Delete one's own message",
    openapi_extra=documented(
        (200, "Deleted, now or before."),
        (303, "Deleted; back to the board (a browser's form)."),
        (404, "No such message of yours."),
        TOO_OFTEN,
    ),
)
@lanes.on("writes")
def delete_message(request: Request, me: Changing, message_id: MessageId) -> Response:
    """Delete one's own message for good."""
    message = writing.delete(me, message_id)
    parts.of(request, Told).tell()
    return _answer(request, me, message, "messages/_deleted.html")


def _kept_composer(request: Request, me: Identity, fields: Fields, failure: BoardError) -> Response:
    """Return the form with its text kept, and a key that can be sent again."""
    kind = render.caller(request)
    if kind == "program":
        raise failure
    client_key = fields["client_key"]
    usable = writing.CLIENT_KEY.fullmatch(client_key) and not isinstance(failure, Conflict)
    key = client_key if usable else writing.new_client_key()
    composer: pages.Composer = {
        "text": fields["message"],
        "error": failure.message,
        "client_key": key,
    }
    if kind == "htmx":
        return render.html(request, "messages/_composer.html", failure.status, **composer)
    return pages.page(request, me, composer=composer, status=failure.status)


def _form(
    request: Request,
    me: Identity,
    name: str,
    message: MessageView,
    status: int = 200,
    **context: Any,
) -> Response:
    fragment = "_" if render.caller(request) == "htmx" else ""
    return render.html(
        request, f"messages/{fragment}{name}.html", status, m=message, zone=me.zone, **context
    )


def _answer(
    request: Request, me: Identity, message: MessageView, fragment: str, status: int = 200
) -> Response:
    kind = render.caller(request)
    if kind == "program":
        return JSONResponse(shown.as_json(message), status)
    if kind == "page":
        return render.redirect(request, "/msgs")
    return render.html(
        request,
        fragment,
        m=message,
        mine=True,
        zone=me.zone,
        **pages.empty_composer(),
    )
