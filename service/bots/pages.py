"""The pages of bots: all there are, one's own, and one of them; also with what is wrong."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.access.identity import Identity
from service.base.errors import BoardError
from service.bots import bots, shown
from service.tokens import shown as tokens_shown
from service.tokens import tokens
from service.web import failures, render
from service.web.forms import Fields

MISSING = (404, "There is no such bot of yours.")
# What a redirect to a bot's page says was done; only these words can be shown.
NOTICES = {
    "made": "The bot is made. It needs a token, which a program sends.",
    "changed": "The bot is changed.",
    "revoked": "The token is revoked. What uses it is refused from now on.",
}


def everyone(
    request: Request, me: Identity, failure: BoardError | None = None, given: Fields | None = None
) -> Response:
    """Return the page of all bots, with the form that makes one."""
    usual = {"username": "", "display_name": "", "owner": me.name}
    context: dict[str, Any] = {"values": usual | (given or {}), "notice": None}
    return _answer(request, "bots/bots.html", failure, 200, bots=bots.listed(), **context)


def mine(request: Request, me: Identity) -> Response:
    """Return the bots of whoever asks."""
    found = bots.listed(me.user_id)
    return render.answer(
        request,
        page=partial(render.html, request, "bots/mine.html", bots=found),
        program=partial(JSONResponse, {"bots": list(map(shown.as_json, found))}),
    )


def one(
    request: Request,
    me: Identity,
    bot_id: int,
    failure: BoardError | None = None,
    given: Fields | None = None,
    **told: Any,
) -> Response:
    """Return a bot's page; raise NotFound. `told` are a notice, or a token that was made for it."""
    bot = bots.one(me.user_id, bot_id)
    account, owner = bot.account, bot.owner
    usual = {"display_name": account.display_name or "", "owner": owner.username if owner else ""}
    context: dict[str, Any] = {
        "bot": bot,
        "tokens": tokens.listed(bot_id),
        "offered": tokens_shown.offered("bot", owner.role) if owner else [],
        "most": tokens_shown.MOST,
        "values": tokens_shown.FORM | usual | (given or {}),
        **({"made": None, "notice": None} | told),
    }
    listed = list(map(tokens_shown.as_json, context["tokens"]))
    status = 201 if context["made"] else 200
    return render.answer(
        request,
        page=partial(_answer, request, "bots/bot.html", failure, status, **context),
        program=lambda: JSONResponse(shown.as_json(bot) | {"tokens": listed}),
    )


def refused(
    request: Request, me: Identity, bot_id: int, failure: BoardError, given: Fields
) -> Response:
    """Return a bot's page with what is wrong; a program is told that alone."""
    return render.answer(
        request,
        page=partial(one, request, me, bot_id, failure=failure, given=given),
        program=partial(failures.problem, failure),
    )


def _answer(
    request: Request, template: str, failure: BoardError | None, status: int, /, **context: Any
) -> Response:
    errors = failures.fields(failure)
    context |= {"errors": errors, "error": failure.message if failure and not errors else None}
    if failure:
        return failures.html(request, failure, template, **context)
    return render.html(request, template, status, **context)
