"""The tokens of bots: made and revoked by their owners, and by admins."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access import audit
from service.access.bearer import Bearers
from service.access.guards import ConfirmingOwning, Owning
from service.access.roles import SCOPES
from service.base import lanes, parts
from service.base.errors import Conflict, Invalid
from service.bots import bots, pages
from service.bots.pages import MISSING
from service.tokens import shown, terms, tokens
from service.web import render
from service.web.forms import NUMBER, Submitted, documented
from service.web.ids import Id

router = APIRouter()


@router.post(
    "/api/bots/{bot_id}/tokens",
    summary="Make a token for a bot",
    status_code=201,
    openapi_extra=documented(
        (201, "The token, which is told this once."),
        MISSING,
        (409, f"The bot is disabled, or has {tokens.MOST_OPEN} already."),
        (422, "A field can't be taken as it is, or its owner may not do that."),
        name=(True, f"What it is for; 1-{terms.MAX_NAME} characters"),
        scopes=(True, f"One or several of {', '.join(SCOPES)}, with blanks or commas between"),
        days=(False, f"For how long, 1-{terms.MOST_DAYS} days; else {terms.DAYS}", NUMBER),
    ),
)
@lanes.on("writes")
def make(request: Request, me: ConfirmingOwning, bot_id: Id, fields: Submitted) -> Response:
    """Make a token for a program that acts as the bot. It is told this once."""
    try:
        made = bots.make_token(audit.actor(request, me), bot_id, terms.read(fields))
    except (Invalid, Conflict) as failure:
        return pages.refused(request, me, bot_id, failure, fields)
    token, text = made
    return render.answer(
        request,
        page=partial(pages.one, request, me, bot_id, made=made),
        program=lambda: JSONResponse({**shown.as_json(token), "token": text}, 201),
    )


@router.post(
    "/api/bots/tokens/{bot_token_id}/revoke",
    summary="Revoke a bot's token",
    openapi_extra=documented(
        (200, "Revoked (htmx and programs)."),
        (303, "Revoked; back to the bot's page (a browser's form)."),
        (404, "No such token of a bot of yours works."),
    ),
)
@lanes.on("writes")
def revoke(request: Request, me: Owning, bot_token_id: Id) -> Response:
    """Let a token work no more; every process and open stream follows within 5 seconds."""
    bot_id = bots.revoke_token(audit.actor(request, me), bot_token_id)
    parts.of(request, Bearers).forget_all()
    return render.done(request, f"/bots/{bot_id}?done=revoked", {"revoked": bot_token_id})
