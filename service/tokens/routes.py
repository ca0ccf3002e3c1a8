"""One's own tokens: listed, made, revoked."""

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
from service.tokens import pages, shown, terms, tokens
from service.web import render
from service.web.forms import NUMBER, Submitted, documented
from service.web.ids import Id

router = APIRouter()
HOME = "/account/tokens"


@router.get(HOME, summary="My tokens", openapi_extra=documented((200, "The tokens, newest first.")))
@lanes.on("reads")
def show_tokens(request: Request, me: Owning, done: str = "") -> Response:
    """Return one's own tokens by how they begin; those that ended are listed for 30 days more."""
    return render.answer(
        request,
        page=partial(pages.show, request, me, notice=pages.NOTICES.get(done)),
        program=lambda: JSONResponse(
            {"tokens": list(map(shown.as_json, tokens.listed(me.user_id)))}
        ),
    )


@router.post(
    f"/api{HOME}",
    summary="Make a token",
    status_code=201,
    openapi_extra=documented(
        (201, "The token, which is told this once."),
        (409, f"There are {tokens.MOST_OPEN} already."),
        (422, "A field can't be taken as it is, or one's role does not allow that."),
        name=(True, f"What it is for; 1-{terms.MAX_NAME} characters"),
        scopes=(True, f"One or several of {', '.join(SCOPES)}, with blanks or commas between"),
        days=(False, f"For how long, 1-{terms.MOST_DAYS} days; else {terms.DAYS}", NUMBER),
    ),
)
@lanes.on("writes")
def make(request: Request, me: ConfirmingOwning, fields: Submitted) -> Response:
    """Make a token for a program of one's own. It is told this once; only its hash is kept."""
    try:
        made = tokens.make(audit.actor(request, me), me.user_id, terms.read(fields))
    except (Invalid, Conflict) as failure:
        return pages.refused(request, me, failure, fields)
    token, text = made
    return render.answer(
        request,
        page=partial(pages.show, request, me, made=made),
        program=lambda: JSONResponse({**shown.as_json(token), "token": text}, 201),
    )


@router.post(
    f"/api{HOME}/{{token_id}}/revoke",
    summary="Revoke a token",
    openapi_extra=documented(
        (200, "Revoked (htmx and programs)."),
        (303, "Revoked; back to the page (a browser's form)."),
        (404, "No such token of yours works."),
    ),
)
@lanes.on("writes")
def revoke(request: Request, me: Owning, token_id: Id) -> Response:
    """Let a token work no more; every process and open stream follows within 5 seconds."""
    tokens.revoke(audit.actor(request, me), token_id, me.user_id)
    parts.of(request, Bearers).forget_all()
    return render.done(request, f"{HOME}?done=revoked", {"revoked": token_id})
