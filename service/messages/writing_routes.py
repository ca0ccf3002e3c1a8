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
from service.data import rules
from service.live.wakes import Told
from service.messages import messages, pages, shown, writing
from service.messages.messages import MessageView
from service.messages.posts import Posting
from service.web import failures, render
from service.web.forms import NUMBER, Fields, Submitted, documented
from service.web.ids import Id

router = APIRouter()
TOO_OFTEN = (429, "Too many changes; see Retry-After.")
TEXT = (
    True,
    f"1-{rules.MAX_TEXT} characters, counted after line ends became LF. Pages show its Markdown; "
    "lists and answers in JSON have it as it was typed",
)


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
        client_key=(
            False,
            f"Makes the request repeatable: 1-{rules.MAX_CLIENT_KEY} letters, digits, - and _",
        ),
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
        kept = partial(kept_composer, request, me, fields, failure)
        return await lanes.run(request.scope, "writes", kept)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_posted.html", HTTPStatus.CREATED)


async def _post(request: Request, me: Identity, fields: Fields) -> MessageView:
    """Write a message, together with others that come just now; if that can't be, alone."""
    if fields["author"] not in {"", str(me.user_id)}:
        raise Conflict(f"You are signed in as {me.name} now. Send again to post as {me.name}.")
    new = writing.draft(me, fields["message"], fields["client_key"])
    alone = writing.calls_somebody(new)
    if not alone and (written := await parts.of(request, Posting).ask(new)):
        return writing.posted(new, written)
    return await lanes.run(request.scope, "writes", writing.write, me, new)


@router.get("/msgs/{message_id}/edit", summary="Edit form", response_class=HTMLResponse)
@lanes.on("reads")
def edit_form(request: Request, me: Writing, message_id: Id) -> Response:
    message = messages.own(me, message_id)
    context = _context(me, message) | {"text": message.text, "error": None}
    return render.form(request, "messages/edit", partial(render.html, request, **context))


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
def edit_message(request: Request, me: Changing, message_id: Id, fields: Submitted) -> Response:
    """Replace the text of one's own message."""
    try:
        message = writing.edit(me, message_id, fields["message"], _seq(fields["seq"]))
    except (Invalid, Conflict) as failure:
        return _refused_edit(request, me, message_id, fields["message"], failure)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_edited.html")


def _seq(text: str) -> int | None:
    number = numbers.of(text)
    if text and number is None:
        raise Invalid(seq="A seq is a number.")
    return number


@router.get("/msgs/{message_id}/deletion", summary="Deletion form", response_class=HTMLResponse)
@lanes.on("reads")
def deletion_form(request: Request, me: AskingToDelete, message_id: Id) -> Response:
    """Return the form that asks whether to delete one's own message, or to remove another's."""
    find = messages.any_ones if me.may("moderate") else messages.own
    context = _context(me, find(me, message_id))
    return render.form(request, "messages/deletion", partial(render.html, request, **context))


@router.post(
    "/api/message/{message_id}/deletion",
    summary="Delete one's own message, or remove another's",
    openapi_extra=documented(
        (200, "Deleted or removed, now or before."),
        (303, "Deleted or removed; back to the board (a browser's form)."),
        (404, "No such message of yours; of a moderator's, none at all."),
        TOO_OFTEN,
    ),
)
@lanes.on("writes")
def delete_message(request: Request, me: Deleting, message_id: Id) -> Response:
    """Delete one's own message for good; as a moderator, remove another's."""
    if me.may("moderate") and not messages.is_mine(me, message_id):
        message = writing.remove(me, message_id, audit.actor(request, me))
    else:
        message = writing.delete(me, message_id)
    parts.of(request, Told).tell()
    return _done(request, me, message, "messages/_deleted.html")


def kept_composer(request: Request, me: Identity, fields: Fields, failure: BoardError) -> Response:
    """Return the form that was refused."""
    form = pages.kept(fields, failure)
    return render.answer(
        request,
        page=partial(pages.with_composer, request, me, form, failure),
        fragment=partial(failures.html, request, failure, "messages/_composer.html", **form),
        program=partial(failures.problem, failure),
    )


def _refused_edit(
    request: Request, me: Identity, message_id: int, text: str, failure: BoardError
) -> Response:
    context = _context(me, messages.own(me, message_id)) | {"text": text, "error": failure.message}
    filled = partial(failures.html, request, failure, **context)
    return render.form(request, "messages/edit", filled, partial(failures.problem, failure))


def _context(me: Identity, message: MessageView) -> dict[str, Any]:
    return {"m": message, "zone": me.clock, "viewer": shown.viewer(message, me)}


def _done(
    request: Request, me: Identity, message: MessageView, template: str, status: int = HTTPStatus.OK
) -> Response:
    """Answer what became of a message: back to where it is or was, as a fragment, or in JSON."""
    context = _context(me, message) | pages.empty_composer()
    place = f"message-{message.id}" if status == HTTPStatus.OK else "end"
    return render.answer(
        request,
        page=partial(render.redirect, request, f"/msgs#{place}"),
        fragment=partial(render.html, request, template, **context),
        program=partial(JSONResponse, shown.as_json(message), status),
    )
