"""Bots: made and given to an owner by admins, and shown to their owners, too."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.bearer import Bearers
from service.access.guards import ConfirmingManaging, Managing, Owning
from service.access.standing import Standings
from service.base import lanes, parts
from service.base.errors import Conflict, Invalid
from service.bots import bots, pages, shown
from service.bots.pages import MISSING
from service.live.wakes import Told
from service.web import failures, render
from service.web.forms import Submitted, documented
from service.web.ids import Id

router = APIRouter()
REFUSED = (422, "A name can't be taken, or the owner is nobody who can sign in.")
NAMED: dict[str, Any] = {
    "owner": (True, "The username of who answers for it, and makes its tokens"),
    "display_name": (False, "The name that others see, if not the username"),
}


@router.get("/admin/bots", summary="Bots", openapi_extra=documented((200, "All, by name.")))
@lanes.on("reads")
def show_bots(request: Request, me: Managing) -> Response:
    """Return all bots, with whose they are and when each was used last."""
    return render.answer(
        request,
        page=partial(pages.everyone, request, me),
        program=lambda: JSONResponse({"bots": list(map(shown.as_json, bots.listed()))}),
    )


@router.post(
    "/api/admin/bots",
    summary="Make a bot",
    status_code=201,
    openapi_extra=documented(
        (201, "The bot (programs)."),
        (303, "Made; on to its page (a browser's form)."),
        (409, "There is somebody whose name looks the same."),
        REFUSED,
        username=(True, "Its name, as a person's would be"),
        **NAMED,
    ),
)
@lanes.on("writes")
def make(request: Request, me: ConfirmingManaging, fields: Submitted) -> Response:
    """Make a user that nobody can sign in as, for programs that send a token of it."""
    names = fields["username"], fields["owner"], fields["display_name"]
    try:
        made = bots.add(audit.actor(request, me), *names, board=request.app.title)
    except (Invalid, Conflict) as failure:
        return render.answer(
            request,
            page=partial(pages.everyone, request, me, failure, fields),
            program=partial(failures.problem, failure),
        )
    return render.answer(
        request,
        page=partial(render.redirect, request, f"/bots/{made.id}?done=made"),
        program=lambda: JSONResponse(shown.as_json(bots.one(me.user_id, made.id)), 201),
    )


@router.get("/account/bots", summary="My bots", openapi_extra=documented((200, "By name.")))
@lanes.on("reads")
def show_mine(request: Request, me: Owning) -> Response:
    """Return the bots that one owns."""
    return pages.mine(request, me)


@router.get("/bots/{bot_id}", summary="A bot", openapi_extra=documented((200, "It."), MISSING))
@lanes.on("reads")
def show_bot(request: Request, me: Owning, bot_id: Id, done: str = "") -> Response:
    """Return a bot with its tokens, to its owner and to admins."""
    return pages.one(request, me, bot_id, notice=pages.NOTICES.get(done))


@router.post(
    "/api/bots/{bot_id}",
    summary="Give a bot another owner or shown name",
    openapi_extra=documented(
        (200, "Changed (htmx and programs)."),
        (303, "Changed; back to its page (a browser's form)."),
        MISSING,
        REFUSED,
        **NAMED,
    ),
)
@lanes.on("writes")
def change(request: Request, me: ConfirmingManaging, bot_id: Id, fields: Submitted) -> Response:
    """Change whose a bot is, and as whom others see it.

    With another owner it begins anew, without tokens: whoever had it may have kept them.
    """
    by, names = audit.actor(request, me), (fields["owner"], fields["display_name"])
    try:
        bots.change(by, bot_id, *names, board=request.app.title)
    except Invalid as failure:
        return pages.refused(request, me, bot_id, failure, fields)
    parts.of(request, Standings).forget(bot_id)
    parts.of(request, Bearers).forget_all()
    parts.of(request, Told).tell()
    return render.done(request, f"/bots/{bot_id}?done=changed", {"done": "changed"})
