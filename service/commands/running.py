"""The server while it runs: the process that supervises, its workers, and what is measured."""

import logging
import os
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from starlette.types import ASGIApp

from service import __version__
from service.base import logs, metrics, traces
from service.base.config import Settings

STOP_TIMEOUT = 2  # seconds for requests under way when the server is told to stop
LAST_TRACES = 2  # more, in which what is left of traces is sent
HTTP_BUFFER = 8192 + 4096  # bytes per connection; a page's headers and cookies fit
# The server's own allocator: one arena, and what is free goes back to the system at once.
ALLOCATOR = "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0"
NOT_STREAMS = 1024  # requests that may be under way beside all the streams

logger = logging.getLogger(__name__)


def run(settings: Settings, demo: tuple[str, str, str] | None) -> None:
    """Serve the board until it is told to stop; `demo` is what the sign-in page shows."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", ALLOCATOR)  # read once, when Granian is imported
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    from service.commands.supervisor import Supervisor

    supervisor = Supervisor(
        "service.commands.running:load_app",
        address=resolved(settings.host, settings.port)[4][0],  # it takes no name
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=HTTP_BUFFER),
        workers=settings.workers,
        websockets=False,
        # Counts open responses: every stream is one for as long as its page is open.
        backpressure=settings.streams_total + NOT_STREAMS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT + LAST_TRACES * traces.are_wanted(os.environ),
        log_level=LogLevels(settings.log_level.lower()),
        log_dictconfig=logs.config(settings.log_format, settings.log_level),
        reload=settings.development,
        reload_ignore_worker_failure=True,  # a mistake under way: the next change mends it
        reload_paths=[Path(__file__).parent.parent],
    )
    with _measured(settings) as supervisor.bury:
        supervisor.serve(target_loader=partial(load_app, settings, demo), wrap_loader=False)


@contextmanager
def _measured(settings: Settings) -> Generator[Callable[[int], object]]:
    """Serve the metrics, if there are to be some; yield what is told of workers that have ended."""
    if not settings.metrics_port:
        yield lambda _: None
        return
    from service.watch import scraped

    with ExitStack() as stack:
        try:
            counts = stack.enter_context(scraped.served(settings.host, settings.metrics_port))
        except OSError as failure:
            raise click.ClickException(f"There can be no metrics: {failure.strerror}.") from None
        yield counts.bury


def load_app(settings: Settings, demo: tuple[str, str, str] | None) -> ASGIApp:
    """Return the application, imported in the worker."""
    from service.commands.supervisor import obey

    obey()
    import pydantic

    # FastAPI has models for each part of the API's description: built once that is asked for.
    pydantic.BaseModel.model_config["defer_build"] = True
    from service.app import create_app  # the supervisor needs none of it

    if settings.metrics_port:
        from service import about

        metrics.begin()
        metrics.build_info.set(1, __version__, about.commit())
    return create_app(settings, demo, _traced)


def _traced(app: ASGIApp) -> ASGIApp:
    """Return the application, with its requests told to a collector if one is named."""
    if not traces.are_wanted(os.environ):
        return app
    if why := traces.cannot(os.environ):
        logger.warning("there are no traces: %s", why)
        return app
    from service.web.traced import Traced

    return Traced(app)


def resolved(host: str, port: int) -> tuple[Any, ...]:
    """Return the first address of a host, as `socket.getaddrinfo` has it; raise OSError."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
