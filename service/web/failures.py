"""What becomes of a failure: words for its user, as a page, a fragment or problem+json."""

import logging
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from service.access import bearer, guards, origins
from service.access.identity import Identity
from service.base import errors, lanes, parts, records
from service.base.config import Settings
from service.base.errors import BoardError
from service.data import db, outages
from service.web import render, written
from service.web.written import Written

# What FastAPI is to give to `handle`.
KINDS = (Exception, HTTPException, RequestValidationError, BoardError, ClientDisconnect)
BY_STATUS: dict[int, type[BoardError]] = {400: errors.Malformed, 404: errors.NotFound}
UNASKED = errors.NotFound, errors.NotAllowed  # what an address that is not there answers
access = logging.getLogger("service.access")


async def handle(request: Request, failure: Exception) -> Response:
    """Return the answer to a failure of a route, which may be the way to a better address."""
    if found := _better_path(request, failure):
        return RedirectResponse(_address(request, found), HTTPStatus.PERMANENT_REDIRECT)
    by_token = bearer.came(request)
    if isinstance(failure, errors.NotSignedIn) and not by_token and _is_page_visit(request):
        no_cookies = origins.keeps_no_cookies(request)
        return render.redirect(request, "/?cookies=none" if no_cookies else "/")
    if isinstance(failure, errors.SecondFactorMissing) and _is_visit(request):
        return render.redirect(request, "/account/second")
    return await answer(request, failure)


async def answer(request: Request, failure: Exception) -> Response:
    """Return the answer to a failure of any kind, with what was written."""
    told = _told(failure)
    if isinstance(told, UNASKED) and render.takes_html(request):
        await _learn_who(request)
    sent = await written.read(request, told)
    return await lanes.run(request.scope, "answers", show, request, told, sent)


async def _learn_who(request: Request) -> None:
    """Let whoever is signed in keep the menu and the search where no route has asked who it is."""
    if parts.maybe(request, Identity) is None:
        with suppress(*db.UNAVAILABLE, errors.Unavailable):  # then it is a page for strangers
            await guards.maybe_signed_in(request)


def show(request: Request, failure: BoardError, sent: Written | None = None) -> Response:
    """Return a failure as a page, a fragment or problem+json, with the request's id.

    `sent` is what its writer would otherwise lose.
    """
    # The rail would be read, where nothing may be read at all.
    told = {"written": sent, "asked": request.query_params, "rail": ""}
    as_html = partial(_as_html, request, failure, **told)
    as_problem = partial(problem, failure)
    takes_html = render.takes_html(request)
    return render.answer(
        request,
        page=partial(as_html, "web/error.html") if takes_html else as_problem,
        fragment=partial(as_html, "web/_notice.html"),
        program=as_problem,
    )


def problem(failure: BoardError) -> Response:
    """Return a failure as problem+json (RFC 9457), with the request's id."""
    body: dict[str, Any] = {
        "type": failure.kind,
        "title": failure.title,
        "status": failure.status,
        "detail": failure.message,
        "request_id": records.request_id.get(),
    }
    if isinstance(failure, errors.Invalid):
        body["errors"] = failure.fields
    response = JSONResponse(body, failure.status, media_type="application/problem+json")
    return _with_headers(response, failure)


def html(request: Request, failure: BoardError, template: str, **context: Any) -> Response:
    """Return a template that tells of a failure, with its status and headers."""
    return _with_headers(render.html(request, template, failure.status, **context), failure)


def page(request: Request, failure: BoardError | None, template: str, **context: Any) -> Response:
    """Return a template; if something went wrong, with what `html` gives it."""
    if failure is None:
        return render.html(request, template, **context)
    return html(request, failure, template, **context)


def fields(failure: BoardError | None) -> dict[str, str]:
    """Return what is wrong with which field of a form."""
    return failure.fields if isinstance(failure, errors.Invalid) else {}


def _as_html(request: Request, failure: BoardError, template: str, **context: Any) -> Response:
    words = {name: getattr(failure, name) for name in ("status", "title", "message", "retry_after")}
    return html(request, failure, template, **words, slug=_slug(request, failure), **context)


def _slug(request: Request, failure: BoardError) -> str | None:
    """Return the slug of the room that an address names; of one that is not there, too, none."""
    missing = failure.status == HTTPStatus.NOT_FOUND
    return None if missing else request.path_params.get("slug")


def _with_headers(response: Response, failure: BoardError) -> Response:
    if isinstance(failure, errors.NotAllowed):
        response.headers["Allow"] = ", ".join(failure.allowed)
    if failure.challenge:
        response.headers["WWW-Authenticate"] = failure.challenge
    if failure.retry_after is not None:
        response.headers["Retry-After"] = str(failure.retry_after)
    return response


def _told(failure: Exception) -> BoardError:
    """Return what a caller is told of a failure."""
    if isinstance(failure, BoardError):
        return failure
    if isinstance(failure, RequestValidationError):
        return _invalid(failure)
    if isinstance(failure, HTTPException):
        return _of_the_framework(failure)
    if isinstance(failure, ClientDisconnect):
        return errors.Malformed()  # nobody is left to read the answer
    if isinstance(failure, db.UNAVAILABLE):
        access.warning("database unavailable: %s", outages.reason(failure))
        return errors.DiskFull() if outages.is_full(failure) else errors.Unavailable()
    access.error("unexpected failure", exc_info=failure)
    return BoardError()


def _of_the_framework(failure: HTTPException) -> BoardError:
    if allow := (failure.headers or {}).get("Allow"):
        allowed = {*allow.split(", "), *(["HEAD"] if "GET" in allow else [])}
        return errors.NotAllowed(*sorted(allowed))
    return BY_STATUS.get(failure.status_code, BoardError)()


def _invalid(failure: RequestValidationError) -> BoardError:
    faults = failure.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return errors.NotFound()  # an id that can't be is one that is not
    # The framework checks no other parameter than `before`; its own words are for programmers.
    names = {str(fault["loc"][-1]) for fault in faults}
    return errors.Invalid(**{name: f"{name} must be the number of a message." for name in names})


def _better_path(request: Request, failure: Exception) -> str | None:
    """Return where that is which was asked for, if it is elsewhere."""
    if isinstance(failure, errors.Moved):
        return failure.path
    missing = isinstance(failure, HTTPException) and failure.status_code == HTTPStatus.NOT_FOUND
    return _without_slash(request) if missing else None


def _address(request: Request, path: str) -> str:
    """Return the request's address with another path, and no host."""
    query = request.scope["query_string"].decode("latin-1")
    address = parts.of(request, Settings).base + path
    return f"{address}?{query}" if query else address


def _without_slash(request: Request) -> str | None:
    """Return the path that was meant, if a slash too many hid it."""
    path = "/" + request.scope["path"].strip("/")
    meant = {**request.scope, "path": path}
    if path == request.scope["path"]:
        return None
    if not any(route.matches(meant)[0] is Match.FULL for route in request.app.routes):
        return None
    return path


def _is_visit(request: Request) -> bool:
    """Say whether a page was asked for, or by one the list that it shows."""
    by_htmx = request.method == "GET" and render.caller(request) == "htmx"
    return by_htmx or _is_page_visit(request)


def _is_page_visit(request: Request) -> bool:
    if request.method != "GET" or render.caller(request) != "page":
        return False
    return render.takes_html(request) or not request.scope["path"].startswith("/api/")
