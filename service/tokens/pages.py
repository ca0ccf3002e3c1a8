"""The page of one's own tokens."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.access.identity import Identity
from service.base.errors import BoardError
from service.tokens import shown, tokens
from service.tokens.tokens import Token
from service.web import failures, render
from service.web.forms import Fields

# What a redirect back to the page says was done; only these words can be shown.
NOTICES = {"revoked": "The token is revoked. What uses it is refused from now on."}


def show(
    request: Request,
    me: Identity,
    notice: str | None = None,
    made: tuple[Token, str] | None = None,
    failure: BoardError | None = None,
    given: Fields | None = None,
) -> Response:
    """Return the page, with a token that was made, or with what is wrong with what was given."""
    errors = failures.fields(failure)
    context: dict[str, Any] = {
        "tokens": tokens.listed(me.user_id),
        "offered": shown.offered(me.role),
        "most": shown.MOST,
        "values": shown.FORM | (given or {}),
        "made": made,
        "errors": errors,
        "error": failure.message if failure and not errors else None,
        "notice": notice,
    }
    if failure:
        return failures.html(request, failure, "tokens/tokens.html", **context)
    return render.html(request, "tokens/tokens.html", 201 if made else 200, **context)


def refused(request: Request, me: Identity, failure: BoardError, given: Fields) -> Response:
    """Return the page with what is wrong; a program is told that alone."""
    return render.answer(
        request,
        page=partial(show, request, me, failure=failure, given=given),
        program=partial(failures.problem, failure),
    )
