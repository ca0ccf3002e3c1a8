"""Messages as their authors write them: post, edit, delete."""

from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.access import audit
from service.access.guards import AskingToDelete, Changing, Deleting, Writing
from service.access.identity import Identity
from service.base import lanes, numbers, parts
from service.base.errors import BoardError, Conflict, Invalid
from service.live.wakes import Told
from service.messages import messages, pages, sent, shown, writing
from service.messages.messages import MessageView
from service.messages.posts import Posting
from service.rooms import rooms, routing
from service.rooms.places import BOARD_PLACE, Place
from service.rooms.routing import InRoom
from service.web import failures, render
from service.web.forms import NUMBER, Fields, Submitted, documented
from service.web.ids import Id

router = APIRouter()
TOO_OFTEN = (429, "Too many changes; see Retry-After.")


@routing.post(
    router,
    "/message",
    summary="Post a message",
    status_code=201,
    openapi_extra=documented(
        (201, "Posted; or posted before with the same client_key and text."),
        (303, "Posted; back to the board (a browser's form)."),
        (401, "Not signed in."),
        (409, "The client_key came with another text already, or the room is archived."),
        (422, "The text is empty or too long."),
        TOO_OFTEN,
        **sent.FIELDS,
    ),
)
async def post_message(request: Request, me: Changing, slug: InRoom, fields: Submitted) -> Response:
    """Post a message. Sent again with its client_key, it is not posted again."""
    place = await _place(request, me, slug)
    try:
        message = await _post(request, me, place, fields)
    except (Invalid, Conflict) as failure:
        kept = partial(kept_composer, request, me, slug, fields, failure)
        return await lanes.run(request.scope, "writes", kept)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_posted.html", HTTPStatus.CREATED)


async def _place(request: Request, me: Identity, slug: str) -> Place:
    """Return where a room is; raise NotFound if `me` may not see it."""
    if slug == BOARD_PLACE.slug:  # which everybody does
        return BOARD_PLACE
    return (await lanes.run(request.scope, "reads", rooms.find, me, slug)).place


async def _post(request: Request, me: Identity, place: Place, fields: Fields) -> MessageView:
    """Write a message, together with others that come just now; if that can't be, alone."""
    new = sent.draft(me, place, fields)
    alone = writing.calls_somebody(new)
    if not alone and (written := await parts.of(request, Posting).ask(new)):
        return writing.posted(new, written)
    return await lanes.run(request.scope, "writes", writing.write, me, new)


@routing.page(router, "/{message_id}/edit", summary="Edit form", response_class=HTMLResponse)
@lanes.on("reads")
def edit_form(request: Request, me: Writing, slug: InRoom, message_id: Id) -> Response:
    message = messages.own(me, message_id, rooms.find(me, slug).place.id)
    context = _context(me, message) | {"text": message.text, "error": None}
    return render.form(request, "messages/edit", partial(render.html, request, **context))


@routing.post(
    router,
    "/message/{message_id}/edit",
    summary="Edit one's own message",
    openapi_extra=documented(
        (200, "Edited."),
        (303, "Edited; back to the board (a browser's form)."),
        (404, "No such message of yours."),
        (409, "Its text changed after `seq`, or the room is archived."),
        (422, "The text is empty or too long."),
        TOO_OFTEN,
        message=sent.TEXT,
        seq=(
            False,
            "The seq of the message as last seen: a later text is not overwritten",
            NUMBER,
        ),
    ),
)
@lanes.on("writes")
def edit_message(
    request: Request, me: Changing, slug: InRoom, message_id: Id, fields: Submitted
) -> Response:
    """Replace the text of one's own message."""
    room = rooms.find(me, slug).place.id
    try:
        message = writing.edit(me, message_id, fields["message"], _seq(fields["seq"]), room)
    except (Invalid, Conflict) as failure:
        message = messages.own(me, message_id, room)
        return _refused_edit(request, me, message, fields["message"], failure)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_edited.html")


def _seq(text: str) -> int | None:
    number = numbers.of(text)
    if text and number is None:
        raise Invalid(seq="A seq is a number.")
    return number


@routing.page(
    router, "/{message_id}/deletion", summary="Deletion form", response_class=HTMLResponse
)
@lanes.on("reads")
def deletion_form(request: Request, me: AskingToDelete, slug: InRoom, message_id: Id) -> Response:
    """Return the form that asks whether to delete one's own message, or to remove another's."""
    find = messages.any_ones if me.may("moderate") else messages.own
    context = _context(me, find(me, message_id, rooms.find(me, slug).place.id))
    return render.form(request, "messages/deletion", partial(render.html, request, **context))


@routing.post(
    router,
    "/message/{message_id}/deletion",
    summary="Delete one's own message, or remove another's",
    openapi_extra=documented(
        (200, "Deleted or removed, now or before."),
        (303, "Deleted or removed; back to the board (a browser's form)."),
        (404, "No such message of yours; of a moderator's, none at all."),
        TOO_OFTEN,
    ),
)
@lanes.on("writes")
def delete_message(request: Request, me: Deleting, slug: InRoom, message_id: Id) -> Response:
    """Delete one's own message for good; as a moderator, remove another's."""
    room = rooms.find(me, slug).place.id
    if me.may("moderate") and not messages.is_mine(me, message_id, room):
        message = writing.remove(me, message_id, audit.actor(request, me), room)
    else:
        message = writing.delete(me, message_id, room)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_deleted.html")


def kept_composer(
    request: Request, me: Identity, slug: str, fields: Fields, failure: BoardError
) -> Response:
    """Return the form that was refused."""
    room = rooms.find(me, slug)
    form = pages.kept(fields, failure)
    shown = form | {"place": room.place}
    return render.answer(
        request,
        page=partial(pages.with_composer, request, me, room, form, failure),
        fragment=partial(failures.html, request, failure, "messages/_composer.html", **shown),
        program=partial(failures.problem, failure),
    )


def _refused_edit(
    request: Request, me: Identity, message: MessageView, text: str, failure: BoardError
) -> Response:
    context = _context(me, message) | {"text": text, "error": failure.message}
    filled = partial(failures.html, request, failure, **context)
    return render.form(request, "messages/edit", filled, partial(failures.problem, failure))


def _context(me: Identity, message: MessageView) -> dict[str, Any]:
    viewer = shown.viewer(message, me)
    return {"m": message, "place": message.place, "zone": me.clock, "viewer": viewer}


def _done(
    request: Request, me: Identity, message: MessageView, template: str, status: int = HTTPStatus.OK
) -> Response:
    """Answer what became of a message: back to where it is or was, as a fragment, or in JSON."""
    context = _context(me, message) | pages.empty_composer()
    path = _place_of(me, message) if status == HTTPStatus.OK else f"{message.place.page}#end"
    return render.answer(
        request,
        page=partial(render.redirect, request, path),
        fragment=partial(render.html, request, template, **context),
        program=partial(JSONResponse, shown.as_json(message), status),
    )


def _place_of(me: Identity, message: MessageView) -> str:
    """Return where a message is or was: with the last reply to it a deleted one goes, too."""
    if message.parent and not messages.is_in_place(me, message.parent, message.place.id):
        return message.place.page
    return message.path
