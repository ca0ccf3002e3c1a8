"""Pages, fragments and errors, for the three kinds of caller: htmx, a browser's form, a program."""

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from service import __version__
from service.access.identity import Identity
from service.base import clock, logs, parts, passwords
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.base.errors import BoardError, Invalid, NotAllowed
from service.data import rules
from service.messages.markup import linked
from service.search.query import Query

Caller = Literal["htmx", "page", "program"]
KEPT_MESSAGES = 4000  # as they were rendered; some 6 MB
# Characters in a field. A password may be typed in a form that is longer than the one compared.
LIMITS = {"text": rules.MAX_TEXT, "name": rules.MAX_NAME, "password": 4 * passwords.MAX_LENGTH}
COLOURS = 12  # of authors, in static/src/style.css


def initials(name: str) -> str:
    """Return one or two capital letters that stand for a name."""
    words = [word for word in re.split(r"[\s._@-]+", name) if word]
    if not words:
        return "?"
    letters = words[0][0] + (words[1][0] if len(words) > 1 and "@" not in name else "")
    return letters.upper()


class Renderer:
    """The Jinja environment of one application."""

    def __init__(self, settings: Settings, assets: Assets) -> None:
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder("templates")),
            autoescape=True,
            auto_reload=settings.development,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Callable[..., Any]] = {
            "time": clock.time,
            "full": clock.full,
            "utc": clock.utc,
            "day": clock.day,
            "day_label": clock.day_label,
            "linked": linked,
            "initials": initials,
            "colour": lambda user_id: user_id % COLOURS,
        }
        self.environment.filters.update(filters)
        shared: dict[str, Any] = {
            "asset": assets.url,
            "version": __version__,
            "board_name": settings.board_name,
            "base": settings.base,  # begins every address
            "query": None,  # what a page searches for
            "limits": LIMITS,
            # In development a template may change under a message that does not.
            "message": lru_cache(0 if settings.development else KEPT_MESSAGES)(self._message),
        }
        self.environment.globals.update(shared)

    def _message(self, m: object, zone: str, first: bool, mine: bool, _day_label: str) -> Markup:
        """Return a message as a list shows it; its day's label changes at midnight."""
        context = {"m": m, "zone": zone, "first": first, "mine": mine}
        return Markup(self.text("messages/_message.html", **context))  # noqa: S704, a template's

    def text(self, template: str, **context: Any) -> str:
        return self.environment.get_template(template).render(context)


def caller(request: Request) -> Caller:
    """Say who is asking."""
    if request.headers.get("hx-request") == "true":
        return "htmx"
    accept = request.headers.get("accept", "")
    sends_json = request.headers.get("content-type", "").lower().startswith("application/json")
    if "text/html" not in accept and ("application/json" in accept or sends_json):
        return "program"
    return "page"


def page(request: Request, template: str, status: int = 200, /, **context: Any) -> Response:
    """Return a template as an answer in HTML, for whoever is signed in."""
    return HTMLResponse(text(request, template, **context), status)


def text(request: Request, template: str, /, **context: Any) -> str:
    """Return a template as text, for whoever is signed in."""
    context.setdefault("me", parts.maybe(request, Identity))
    context.setdefault("request_id", logs.request_id.get())
    return parts.of(request, Renderer).text(template, **context)


def redirect(request: Request, target: str) -> Response:
    """Send the browser on to one of our addresses: with a GET by 303, or by htmx's own header."""
    target = parts.of(request, Settings).base + target
    if caller(request) == "htmx":
        return Response(status_code=200, headers={"HX-Redirect": target})
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def error(request: Request, failure: BoardError, written: object = None) -> Response:
    """Return a failure as a page, a fragment or problem+json (RFC 9457), with the request's id.

    `written` is what its writer would otherwise lose, as `written.read` returns it.
    """
    kind = caller(request)
    if kind == "program" or (kind == "page" and not takes_html(request)):
        response = _problem(failure)
    else:
        response = page(
            request,
            "web/_notice.html" if kind == "htmx" else "web/error.html",
            failure.status,
            status=failure.status,
            title=failure.title,
            message=failure.message,
            retry_after=failure.retry_after,
            written=written,
            query=Query(asked) if (asked := request.query_params.get("q")) else None,
            filters=request.query_params,
        )
    if isinstance(failure, NotAllowed):
        response.headers["Allow"] = ", ".join(failure.allowed)
    if failure.retry_after is not None:
        response.headers["Retry-After"] = str(failure.retry_after)
    return response


def takes_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _problem(failure: BoardError) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": failure.title,
        "status": failure.status,
        "detail": failure.message,
        "request_id": logs.request_id.get(),
    }
    if isinstance(failure, Invalid):
        body["errors"] = failure.fields
    return JSONResponse(body, failure.status, media_type="application/problem+json")
