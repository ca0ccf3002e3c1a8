"""Threads: one beside its room's messages, the replies in it, and one more of them."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.guards import Changing, SignedIn
from service.access.identity import Identity
from service.base import lanes, parts
from service.base.errors import BoardError, Conflict, Invalid
from service.base.numbers import MAX_ID
from service.live.wakes import Told
from service.messages import pages, quoting, sent, shown
from service.messages.asking import Asked
from service.messages.messages import MessageView
from service.messages.pages import Composer
from service.rooms import rooms, routing
from service.rooms.rooms import RoomView
from service.rooms.routing import InRoom
from service.threads import threads
from service.threads.threads import Thread
from service.web import failures, render
from service.web.forms import Submitted, documented
from service.web.ids import Id

router = APIRouter()
Before = Annotated[
    int | None, Query(ge=1, le=MAX_ID, description="Only the replies before this id")
]
Quote = Annotated[str, Query(description="The id of a message that the form begins with")]
Find = Callable[[], Thread]
LISTED = (200, "The `root`, and the newest replies as `messages`, or those `before` one.")


@routing.page(
    router,
    "/{message_id}/thread",
    summary="A thread",
    openapi_extra=documented((200, "The room's page, with the thread beside its messages.")),
)
@lanes.on("reads")
def show_thread(
    request: Request,
    me: SignedIn,
    slug: InRoom,
    message_id: Id,
    before: Before = None,
    quote: Quote = "",
) -> Response:
    """Return a room's page with a message and the replies to it beside, or those before an id.

    Of a reply it is the thread where that stands.
    """
    room = rooms.find(me, slug)
    find = partial(threads.find, me, message_id, room.place.id, before)
    quoted = quoting.asked(request, me, quote, room.place.id)
    form = pages.empty_composer() | {"text": quoted}
    template = f"threads/{'_older' if before else '_thread'}.html"
    return render.answer(
        request,
        page=partial(_page, request, me, room, find, form),
        fragment=lambda: render.html(request, template, **_context(me, room, find(), form)),
        program=lambda: _listed(request, find()),
    )


@routing.get(
    router,
    "/message/{message_id}/replies",
    summary="List the replies to a message",
    openapi_extra=documented(LISTED),
)
@lanes.on("reads")
def list_replies(
    request: Request, me: SignedIn, slug: InRoom, message_id: Id, before: Before = None
) -> Response:
    """Return the newest 50 replies to a message, or those before an id, the newest first.

    There are more as long as `before` is not null. `root` is the message itself; of a reply it is
    what that replies to.
    """
    return _listed(request, threads.find(me, message_id, rooms.find(me, slug).place.id, before))


@routing.post(
    router,
    "/message/{message_id}/reply",
    summary="Reply to a message",
    status_code=201,
    openapi_extra=documented(
        (201, "Replied; or replied before with the same client_key and text."),
        (303, "Replied; back to the thread (a browser's form)."),
        (404, "No such message."),
        (409, "The client_key came with another text already, or the room is archived."),
        (422, "The text is empty or too long."),
        (429, "Too many changes; see Retry-After."),
        **sent.FIELDS,
    ),
)
@lanes.on("writes")
def reply(
    request: Request, me: Changing, slug: InRoom, message_id: Id, fields: Submitted
) -> Response:
    """Reply to a message; to a reply in the thread where that stands, to the root of it.

    Sent again with its client_key, it is not written again.
    """
    room = rooms.find(me, slug)
    try:
        new = threads.reply(me, message_id, sent.draft(me, room.place, fields))
    except (Invalid, Conflict) as failure:
        find = partial(threads.find, me, message_id, room.place.id)
        return _refused(request, me, room, find, pages.kept(fields, failure), failure)
    parts.of(request, Told).tell()
    return _done(request, me, room, new)


def _listed(request: Request, thread: Thread) -> Response:
    root = {"root": shown.as_json(thread.root)}
    return JSONResponse(root | pages.as_json(request, thread.replies))


def _page(
    request: Request,
    me: Identity,
    room: RoomView,
    find: Find,
    form: Composer | None = None,
    failure: BoardError | None = None,
) -> Response:
    return pages.beside(
        request, me, room, "threads/thread.html", lambda: _shows(find(), form), failure
    )


def _refused(
    request: Request,
    me: Identity,
    room: RoomView,
    find: Find,
    form: Composer,
    failure: BoardError,
) -> Response:
    """Return the form that was refused; raise NotFound if there is no such thread."""
    context = _context(me, room, find(), form)
    return render.answer(
        request,
        page=partial(_page, request, me, room, find, form, failure),
        fragment=partial(failures.html, request, failure, "threads/_reply.html", **context),
        program=partial(failures.problem, failure),
    )


def _done(request: Request, me: Identity, room: RoomView, new: MessageView) -> Response:
    new_form = {"root": new.parent, "reply": pages.empty_composer()}
    context = _here(me, room) | new_form | {"m": new, "viewer": shown.viewer(new, me)}
    return render.answer(
        request,
        page=partial(render.redirect, request, new.path),
        fragment=partial(render.html, request, "threads/_replied.html", **context),
        program=partial(JSONResponse, shown.as_json(new), HTTPStatus.CREATED),
    )


def _context(
    me: Identity, room: RoomView, thread: Thread, form: Composer | None = None
) -> dict[str, Any]:
    return _here(me, room) | _shows(thread, form)


def _here(me: Identity, room: RoomView) -> dict[str, Any]:
    writing = Asked(me, room).writing
    return {"room": room, "place": room.place, "zone": me.clock, "writing": writing}


def _shows(thread: Thread, form: Composer | None) -> dict[str, Any]:
    form = form or pages.empty_composer()
    seen = max((each.id for each in thread.replies.messages), default=0)
    return {"thread": thread, "root": thread.root.id, "reply": form, "seen": seen}
