"""Pages, fragments and errors, for the three kinds of caller: htmx, a browser's form, a program."""

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service import __version__
from service.access.identity import Identity
from service.base import clock, logs, parts, passwords
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.data import rules
from service.messages.markup import linked

Caller = Literal["htmx", "page", "program"]
Make = Callable[[], Response]
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
            "asked": {},  # what a page was asked in its address, where that is all it knows of it
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


def answer(
    request: Request, *, page: Make, fragment: Make | None = None, program: Make
) -> Response:
    """Answer a browser, htmx or a program; what the others would get is not made.

    Without a fragment of its own htmx gets what a browser does.
    """
    makes: dict[Caller, Make] = {"page": page, "htmx": fragment or page, "program": program}
    return makes[caller(request)]()


def html(request: Request, template: str, status: int = 200, /, **context: Any) -> Response:
    """Return a template as an answer, for whoever is signed in."""
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


def takes_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
