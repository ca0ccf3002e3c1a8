"""Templates, and answers for the three kinds of caller: htmx, a browser, a program."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Literal

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from service import __version__
from service.access import bearer
from service.access.identity import Identity
from service.access.options import Current
from service.base import clock, parts, passwords, records
from service.base.assets import Assets, folder
from service.base.bounded import Bounded
from service.base.clock import Clock
from service.base.config import Settings
from service.data import rules
from service.web.markup import shown
from service.web.named import named

Caller = Literal["htmx", "page", "program"]
Filters = Mapping[str, Callable[..., Any]]
Make = Callable[[], Response]
# No host: neither `//host` nor `/\\host`, which browsers take for the same.
OWN_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")
KEPT = 8 * 1024 * 1024  # bytes of pieces as they were rendered: some 4,000 of short messages
# Characters in a field. A password may be typed in a form that is longer than the one compared.
LIMITS = {"text": rules.MAX_TEXT, "name": rules.MAX_NAME, "password": 4 * passwords.MAX_LENGTH}


@dataclass(frozen=True)
class Look:
    """What a noun adds to all templates.

    A piece is a template that is kept as it was rendered: it is called with the values of the
    variables named here, on which alone it depends.
    """

    filters: Filters = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
    pieces: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """What stands beside each page of somebody who is signed in, as another noun makes it."""

    rail: Callable[[Request, Identity], Markup]


class Renderer:
    """The Jinja environment of one application."""

    def __init__(
        self,
        settings: Settings,
        assets: Assets,
        looks: Iterable[Look] = (),
        options: Current | None = None,
    ) -> None:
        self.options = options or Current(settings)
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder("templates")),
            autoescape=True,
            auto_reload=settings.development,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._add(_own_look(settings, assets, self.options), kept=0)
        for look in looks:
            # In development a template may change under what it is filled with.
            self._add(look, kept=0 if settings.development else KEPT)

    def _add(self, look: Look, kept: int) -> None:
        self.environment.filters |= look.filters
        self.environment.globals |= look.shared
        pieces: dict[str, Any] = {
            name: self._piece(*piece, kept) for name, piece in look.pieces.items()
        }
        self.environment.globals |= pieces

    def _piece(self, template: str, variables: tuple[str, ...], kept: int) -> Callable[..., Markup]:
        made: Bounded[Markup] = Bounded(kept)

        def fill(*values: Any) -> Markup:
            context = dict(zip(variables, values, strict=True))
            return Markup(self.text(template, **context))  # noqa: S704, a template's

        return lambda *values: made.made((self.options.known, *values), partial(fill, *values))

    def text(self, template: str, **context: Any) -> str:
        context.setdefault("board_name", self.options.board_name)
        context.setdefault("date_language", self.options.known.date_language)
        context.setdefault("waiting", self.options.waiting)
        context.setdefault("members_invite", self.options.known.members_invite)
        context.setdefault("members_make_rooms", self.options.known.members_make_rooms)
        return self.environment.get_template(template).render(context)


def _own_look(settings: Settings, assets: Assets, options: Current) -> Look:
    def in_words(show: Callable[[dt.datetime, Clock, str], str]) -> Callable[..., str]:
        return lambda moment, reader: show(moment, reader, options.known.date_language)

    filters: Filters = {
        "time": clock.time,
        "full": in_words(clock.full),
        "utc": clock.utc,
        "day": clock.day,
        "when": in_words(clock.when),
        "day_and_month": in_words(clock.day_and_month),
        "day_label": in_words(clock.day_label),
        "shown": shown,
        "named": named,
    }
    shared = {
        "asset": assets.url,
        "version": __version__,
        "base": settings.base,  # begins every address
        "providers": settings.providers,
        "password_sign_in": settings.password_sign_in,
        "passkeys": settings.passkey_home,
        "limits": LIMITS,
        "asked": {},  # what a page was asked in its address, where that is all it knows of it
    }
    return Look(filters, shared)


def caller(request: Request) -> Caller:
    """Say who is asking."""
    if request.headers.get("hx-request") == "true":
        return "htmx"
    accept = request.headers.get("accept", "")
    sends_json = request.headers.get("content-type", "").lower().startswith("application/json")
    reads_json = "application/json" in accept or sends_json or bearer.came(request)
    if "text/html" not in accept and reads_json:
        return "program"
    return "page"


def takes_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def answer(
    request: Request, *, page: Make, fragment: Make | None = None, program: Make | None = None
) -> Response:
    """Answer a browser, htmx or a program; what the others would get is not made.

    Where there is nothing of their own they get what a browser does.
    """
    makes: dict[Caller, Make | None] = {"page": page, "htmx": fragment, "program": program}
    return (makes[caller(request)] or page)()


def form(
    request: Request, name: str, make: Callable[[str], Response], program: Make | None = None
) -> Response:
    """Answer with a form: as a page, or for htmx the part of it that is named alike with a _.

    `name` is accounts/sign_in for instance, `make` answers with the template it is given.
    """
    folder, _, own = name.partition("/")
    page, fragment = partial(make, f"{name}.html"), partial(make, f"{folder}/_{own}.html")
    return answer(request, page=page, fragment=fragment, program=program)


def html(request: Request, template: str, status: int = 200, /, **context: Any) -> Response:
    """Return a template as an answer, for whoever is signed in."""
    return HTMLResponse(text(request, template, **context), status)


def text(request: Request, template: str, /, **context: Any) -> str:
    """Return a template as text, for whoever is signed in."""
    me = context.setdefault("me", parts.maybe(request, Identity))
    if me and "rail" not in context and not _is_part(template):
        context["rail"] = parts.of(request, Beside).rail(request, me)
    context.setdefault("request_id", records.request_id.get())
    return parts.of(request, Renderer).text(template, **context)


def _is_part(template: str) -> bool:
    return template.rpartition("/")[2].startswith("_")


def done(request: Request, target: str, told: dict[str, Any]) -> Response:
    """Send a browser on to one of our addresses; a program is told in JSON what was done."""
    go_on = partial(redirect, request, target)
    return answer(request, page=go_on, program=partial(JSONResponse, told))


def own_path(address: str, otherwise: str) -> str:
    """Return an address that somebody gave, if it is a path of this board; else the other."""
    return address if OWN_PATH.fullmatch(address) else otherwise


def redirect(request: Request, target: str) -> Response:
    """Send the browser on to one of our addresses: with a GET by 303, or by htmx's own header."""
    target = parts.of(request, Settings).base + target
    by_page = partial(RedirectResponse, target, HTTPStatus.SEE_OTHER)
    by_htmx = partial(Response, headers={"HX-Redirect": target})
    return answer(request, page=by_page, fragment=by_htmx)
