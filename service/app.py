"""The application: its parts put together, from start to drain."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from service import __version__
from service.access import origins
from service.access.origins import CrossOriginCheck
from service.access.throttle import Throttle
from service.access.tokens import Signer
from service.accounts import routes as accounts_routes
from service.accounts import sign_in_routes
from service.accounts.sign_in import Demo, Finding
from service.base import errors, parts
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.base.lanes import Lanes
from service.base.paces import Changes, Replays
from service.data import db
from service.live import live
from service.live import routes as live_routes
from service.live.live import Hub
from service.messages import routes as messages_routes
from service.messages.newest import Newest
from service.messages.posts import Posting
from service.watch import health
from service.web import description, docs, envelope, render
from service.web.bodies import BodyLimit
from service.web.envelope import Envelope
from service.web.proxies import Below, TrustedProxies
from service.web.render import Renderer
from service.web.wire import AsMeant

ORPHAN_POLL = 1.0  # seconds
# Seconds in which answers close their connections, before the rest are closed: a proxy may be
# sending on one of them just then, and a post that may have arrived is not sent again.
LEAVE_TAKING = 0.3
LAST_RESORT = 2.5  # seconds after which a process that should stop is gone, whatever it does

# The most asked for first.
MODULES = (
    health,
    messages_routes,
    sign_in_routes,
    accounts_routes,
    docs,
)

logger = logging.getLogger(__name__)


BY_STATUS: dict[int, type[errors.BoardError]] = {
    400: errors.Malformed,
    404: errors.NotFound,
}


def create_app(settings: Settings, demo: tuple[str, str, str] | None = None) -> ASGIApp:
    """Return the whole board as one ASGI application.

    `demo` is what the sign-in page shows: two usernames and the password of both.
    """
    db.open_database(settings.database_url, settings.database_pool)
    assets = Assets(folder("static"), settings.base, watch=settings.development)
    renderer = Renderer(settings, assets)
    # The hub has its connections, whatever rush of requests there is.
    lanes = Lanes(settings.database_pool - live.THREADS, one_writer=settings.on_sqlite)
    throttle = Throttle(settings.secret_keys[0])
    own = parts.collect(
        settings,
        renderer,
        Signer(settings.secret_keys),
        throttle,
        Finding(throttle),
        lanes,
        Posting(),
        Changes(settings.changes_per_minute),
        Replays(settings.streams_per_user),
        Newest(),
        *([Demo(*demo)] if demo else []),
    )
    api = _create_api(settings, renderer, lanes)
    app = Envelope(_Switch(api, assets), own)
    below = Below(app, settings.base) if settings.base else app
    return TrustedProxies(below, settings.trusted_proxies)


def _create_api(settings: Settings, renderer: Renderer, lanes: Lanes) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[Any, Any]]:
        lanes.open()
        hub = Hub(renderer, settings.streams_total, settings.streams_per_user)
        _drain_on_sigterm(hub)
        async with _background(hub.run(), _leave_when_orphaned()):
            yield parts.collect(hub)
        db.close_database()
        logger.info("the board has stopped")

    api = FastAPI(
        title=settings.board_name,
        version=__version__,
        lifespan=lifespan,
        servers=[{"url": settings.base}] if settings.base else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would name the host that the client named
    )
    # Side by side: FastAPI tries one route after the other.
    for module in MODULES:
        api.router.routes += module.router.routes
    _describe(api)
    api.add_middleware(CrossOriginCheck)
    api.add_middleware(BodyLimit)
    api.add_middleware(AsMeant)
    for kind in (
        *(Exception, HTTPException, RequestValidationError),
        *(errors.BoardError, ClientDisconnect),
    ):
        api.add_exception_handler(kind, _answer)
    return api


def _describe(api: FastAPI) -> None:
    """Complete the API's description once it is asked for, and add the stream to it."""
    describe = api.openapi
    routes = [each for module in MODULES for each in module.router.routes]

    @cache
    def openapi() -> dict[str, Any]:
        made = describe()
        description.complete(made, [each for each in routes if isinstance(each, APIRoute)])
        made["paths"][live_routes.PATH] = live_routes.DESCRIPTION
        return made

    api.openapi = openapi


async def _answer(request: Request, failure: Exception) -> Response:
    if isinstance(failure, RequestValidationError):
        failure = _invalid(failure)
    elif isinstance(failure, ClientDisconnect):
        failure = errors.Malformed()  # nobody is left to read the answer
    elif isinstance(failure, HTTPException):
        if failure.status_code == HTTPStatus.NOT_FOUND and (found := _without_slash(request)):
            return RedirectResponse(found, HTTPStatus.PERMANENT_REDIRECT)
        failure = _known(failure)
    if isinstance(failure, errors.NotSignedIn) and _is_page_visit(request):
        no_cookies = origins.keeps_no_cookies(request)
        return render.redirect(request, "/?cookies=none" if no_cookies else "/")
    return await envelope.answer_failure(request, failure)


def _known(failure: HTTPException) -> errors.BoardError:
    """Return the board's own failure for one of the framework's."""
    if allow := (failure.headers or {}).get("Allow"):
        allowed = {*allow.split(", "), *(["HEAD"] if "GET" in allow else [])}
        return errors.NotAllowed(*sorted(allowed))
    return BY_STATUS.get(failure.status_code, errors.BoardError)()


def _without_slash(request: Request) -> str | None:
    """Return the address that was meant, as a path alone, if a slash too many hid it."""
    path = "/" + request.scope["path"].strip("/")
    meant = {**request.scope, "path": path}
    if path == request.scope["path"]:
        return None
    if not any(route.matches(meant)[0] is Match.FULL for route in request.app.routes):
        return None
    query = request.scope["query_string"].decode("latin-1")
    address = parts.of(request, Settings).base + path
    return f"{address}?{query}" if query else address


def _invalid(failure: RequestValidationError) -> errors.BoardError:
    faults = failure.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return errors.NotFound()  # an id that can't be is one that is not
    # The framework checks no other parameter than `before`; its own words are for programmers.
    names = {str(fault["loc"][-1]) for fault in faults}
    return errors.Invalid(**{name: f"{name} must be the number of a message." for name in names})


def _is_page_visit(request: Request) -> bool:
    if request.method != "GET" or render.caller(request) != "page":
        return False
    return "text/html" in request.headers.get("accept", "") or not _is_api(request.scope)


def _is_api(scope: Scope) -> bool:
    return scope["path"].startswith("/api/")


class _Switch:
    """Sends static files and streams past FastAPI, everything else to it."""

    def __init__(self, api: ASGIApp, assets: Assets) -> None:
        self.api = api
        self.assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == live_routes.PATH:
            await live_routes.stream(scope, receive, send)
        elif scope["type"] == "http" and path.startswith("/static/"):
            scope["route"] = parts.Route("/static/{name}")
            await self.assets(scope, receive, send)
        else:
            await self.api(scope, receive, send)


def _drain_on_sigterm(hub: Hub) -> None:
    """End the streams before Granian waits for them; it would never see them end otherwise."""
    if threading.current_thread() is not threading.main_thread():
        return  # under a test client, which stops the application by itself

    loop = asyncio.get_running_loop()

    def drain() -> None:
        hub.drain()
        # An orphan has nobody to kill it if it hangs, on a reader that takes nothing for instance.
        last_resort = threading.Timer(LAST_RESORT, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        # Granian's own way to stop, still in place.
        loop.call_later(LEAVE_TAKING, os.kill, os.getpid(), signal.SIGINT)

    loop.add_signal_handler(signal.SIGTERM, drain)


@asynccontextmanager
async def _background(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run coroutines beside the block; at its end, wait for the threads they use."""
    async with anyio.create_task_group() as tasks:
        for each in work:
            tasks.start_soon(_stop_if_it_fails, each)
        yield
        tasks.cancel_scope.cancel()


async def _stop_if_it_fails(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; if it fails, stop the process so that it is replaced."""
    try:
        await work
    except Exception as failure:
        logger.critical("a background task failed; stopping", exc_info=failure)
        os.kill(os.getpid(), signal.SIGTERM)


async def _leave_when_orphaned() -> None:
    """Stop once the supervisor is gone: an orphan would keep the port and the database."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    while os.getppid() == parent.pid:  # noqa: ASYNC110, nothing tells of a parent's death
        await asyncio.sleep(ORPHAN_POLL)
    logger.warning("the supervising process is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)
