"""The application: its parts put together."""

import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from service import __version__, registry
from service.access.bearer import Bearers
from service.access.duty import Duties
from service.access.options import Current, Options
from service.access.origins import CrossOriginCheck
from service.access.second_codes import SecondCodes
from service.access.standing import Standings
from service.access.throttle import Throttle
from service.access.tokens import Signer
from service.accounts import confirm_routes
from service.accounts.founding import Founding
from service.accounts.proofs import by_password
from service.accounts.sign_in import Demo, Finding
from service.administration.download import Downloads
from service.base import lifetime, parts
from service.base.assets import Assets, folder
from service.base.config import Settings
from service.base.drain import Drain
from service.base.errors import NotConfirmed
from service.base.lanes import Lanes
from service.base.paces import Changes, Replays, Strangers
from service.base.shared import Shared
from service.data import db
from service.data.cursors import Cursors
from service.data.emptying import Emptying
from service.live import hub as live_hub
from service.live import routes as live_routes
from service.live.changes import Log
from service.live.hub import Hub
from service.live.readers import Readers
from service.live.renderings import Renderings
from service.live.wakes import Told, wakes
from service.mail.outbox import Outbox
from service.messages.newest import ByRoom
from service.messages.posts import Posting
from service.mine.export import Exports
from service.oidc import discovery
from service.oidc.flow import Sealing
from service.unread import rail
from service.unread.marks import Marks
from service.unread.rail import Rails
from service.watch import amounts
from service.web import description, failures
from service.web.bodies import BodyLimit
from service.web.envelope import Envelope
from service.web.proxies import Below, TrustedProxies
from service.web.render import Beside, Renderer
from service.web.wire import AsMeant

Work = Callable[[], Coroutine[Any, Any, None]]
OF_NOTHING = (Posting, Exports, Downloads)  # parts of each application

# FastAPI's would tell whole addresses, with the codes of links in them, and what failures say.
OWN_TRACES_ALONE: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    demo: tuple[str, str, str] | None = None,
    traced: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> ASGIApp:
    """Return the whole board as one ASGI application.

    `demo` is what the sign-in page shows: two usernames and the password of both. `traced` is put
    around all but what knows which proxies to believe.
    """
    below = traced(_board(settings, demo))
    return TrustedProxies(below, settings.trusted_proxies)


def _board(settings: Settings, demo: tuple[str, str, str] | None) -> ASGIApp:
    shared = Shared(settings.redis, settings.secret_keys[0])
    db.open_database(settings.database_url, settings.database_pool, notify=not shared.is_named)
    assets = Assets(folder("static"), settings.base, watch=settings.development)
    options = Current(settings)
    renderer = Renderer(settings, assets, registry.LOOKS, options)
    # The hub has its connections, whatever rush of requests there is.
    lanes = Lanes(settings.database_pool - live_hub.THREADS, one_writer=settings.on_sqlite)
    readers = Readers(settings.streams_total, settings.streams_per_user)
    log, told, drain = Log(registry.NOUNS), Told(shared, readers), Drain()
    outbox, emptying = Outbox(settings, lanes, options, shared), Emptying(lanes, *registry.EMPTIED)
    standings, bearers, marks = Standings(), Bearers(), Marks(told.pass_on)
    cursors = Cursors(settings.secret_keys)
    own = parts.collect(
        settings,
        assets,
        renderer,
        cursors,
        standings,
        bearers,
        options,
        *_of_people(settings),
        lanes,
        marks,
        Rails(renderer, marks),
        Beside(rail.beside),
        *(make() for make in OF_NOTHING),
        *_decided(settings, options, readers, shared),
        log,
        told,
        outbox,
        emptying,
        *([Demo(*demo)] if demo else []),
    )
    hub = Hub(log, Renderings(renderer, cursors), readers, wakes(told, shared), drain, standings)
    work = hub.run, outbox.run, emptying.run, partial(bearers.run, lanes), partial(marks.run, lanes)
    api = _create_api(settings, (hub, drain), lanes, work)
    _describe(api, options)
    app = Envelope(_Switch(api, assets), own)
    return Below(app, settings.base) if settings.base else app


def _of_people(settings: Settings) -> tuple[object, ...]:
    """Return what knows who is asking, and who may sign in."""
    throttle = Throttle(settings.secret_keys[0])
    signer, sealing = Signer(settings.secret_keys), Sealing(settings.secret_keys)
    issuers = discovery.known(settings.providers)
    proofs = registry.PROOFS if settings.password_sign_in else registry.PROOFS.without(by_password)
    factors = registry.SECOND_STEPS, SecondCodes(settings.secret_keys), Duties()
    return signer, sealing, issuers, proofs, *factors, throttle, Finding(throttle), Founding()


def _decided(
    settings: Settings, options: Current, readers: Readers, shared: Shared
) -> tuple[object, ...]:
    """Return the limits, and the pages that are kept: as the options decide, whenever they do."""
    changes = Changes(settings.changes_per_minute, shared)
    replays = Replays(settings.streams_per_user, shared)
    by_room = ByRoom()

    def follow(now: Options) -> None:
        changes.allow(now.changes_per_minute or settings.changes_per_minute)
        readers.per_user = now.streams_per_user or settings.streams_per_user
        replays.allow(readers.per_user)
        by_room.clear()  # they were made with other names and dates

    options.watch(follow)
    return changes, replays, Strangers(shared), by_room


def _create_api(
    settings: Settings, living: tuple[Hub, Drain], lanes: Lanes, work: Iterable[Work]
) -> FastAPI:
    hub, drain = living
    begin = *work, partial(amounts.run, settings, lanes), lifetime.leave_when_orphaned

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[Any, Any]]:
        lanes.open()
        lifetime.at_sigterm(hub.end)
        async with lifetime.background(*(each() for each in begin)):
            yield parts.collect(hub, drain)
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
        telemetry=OWN_TRACES_ALONE,
    )
    # Side by side: FastAPI tries one route after the other.
    for module in registry.MODULES:
        api.router.routes += module.router.routes
    api.add_middleware(CrossOriginCheck)
    api.add_middleware(BodyLimit)
    api.add_middleware(AsMeant)
    for kind in failures.KINDS:
        api.add_exception_handler(kind, failures.handle)
    api.add_exception_handler(NotConfirmed, confirm_routes.ask)
    return api


def _describe(api: FastAPI, options: Current) -> None:
    """Complete the API's description once it is asked for, and add the stream to it."""
    describe = api.openapi
    routes = [each for module in registry.MODULES for each in module.router.routes]

    @cache
    def whole() -> dict[str, Any]:
        made = describe()
        description.complete(made, [each for each in routes if isinstance(each, APIRoute)])
        made["paths"][live_routes.PATH] = live_routes.DESCRIPTION
        description.name_nouns(made)
        return made

    def openapi() -> dict[str, Any]:
        return {**whole(), "info": {**whole()["info"], "title": api.title}}

    def follow(_: Options) -> None:
        api.title = options.board_name  # which names and passwords are compared with, too

    options.watch(follow)

    api.openapi = openapi


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
