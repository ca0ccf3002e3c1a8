"""The forms of whoever joins."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.access.options import Current
from service.base import clock, parts
from service.base.errors import BoardError
from service.web import failures, render
from service.web.forms import Fields


def board(request: Request) -> str:
    """Return the board's own name."""
    return str(parts.of(request, Current).known.board_name)


def form(
    request: Request, name: str, fields: Fields, failure: BoardError | None = None, **more: Any
) -> Response:
    """Answer with a form, with what was typed but no password, and with what is wrong if it is."""
    errors = failures.fields(failure)
    error = failure.message if failure and not errors else None
    told = {"error": error, "errors": errors, "fields": fields, "zones": clock.zone_choices()}
    if failure is None:
        return render.form(request, name, partial(render.html, request, **told, **more))
    shown = partial(failures.html, request, failure, **told, **more)
    return render.form(request, name, shown, partial(failures.problem, failure))
