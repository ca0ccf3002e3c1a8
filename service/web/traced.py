"""Each request as a span of OpenTelemetry, which a collector is sent.

A span tells the route, the method and the status: no path, query, header, body, name or address.
Imported only if there are to be traces.
"""

import logging
import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import override

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import __version__
from service.base import traces
from service.base.errors import BoardError
from service.base.parts import Route
from service.data import db
from service.web.envelope import METHODS

FLUSH = 1.0  # seconds that what is left may take to be sent, when the board stops
QUIET = 300.0  # seconds from one line on a collector that is away to the next
LONGEST = 200  # characters of what such a line repeats
FAILED = 500
PARENT = TraceContextTextMapPropagator()

logger = logging.getLogger(__name__)
# Of the exporter, and of the queue that it empties; what else the library says is no such thing.
COMPLAINING = tuple(
    logging.getLogger(f"opentelemetry.{name}") for name in ("exporter", "sdk._shared_internal")
)


class _NowAndThen(logging.Handler):
    """Tells what OpenTelemetry complains of, once in a while: it does at each attempt."""

    _next = 0.0

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and time.monotonic() >= self._next:
            self._next = time.monotonic() + QUIET
            logger.warning("traces can't be sent: %.*s", LONGEST, record.getMessage())


class Traced:
    """Tells what passes through it; made in the process that serves, as it starts a thread."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._complaints = _NowAndThen()
        for each in COMPLAINING:
            each.addHandler(self._complaints)
            each.propagate = False
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("board", __version__)
        traces.begin(self._part, _ids)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._follow(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                self.end()  # nothing else is under way, and a thread of the loop's would stay

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = self._tracer.start_span(
            method, _parent(scope), SpanKind.SERVER, {"http.request.method": method}
        )

        async def follow(message: Message) -> None:
            if message["type"] == "http.response.start":
                _describe(span, method, scope, message["status"])
            await send(message)

        # The span of a stream has ended by then.
        with trace.use_span(span, False, record_exception=False, set_status_on_exception=False):
            try:
                await self.app(scope, receive, follow)
            except Exception as failure:
                if span.is_recording():
                    _failed(span, failure)
                raise
            finally:
                if span.is_recording():
                    span.end()

    @contextmanager
    def _part(self, name: str) -> Generator[None]:
        if not trace.get_current_span().get_span_context().is_valid:
            yield  # what the board does by itself is no part of a request
            return
        kind = "sqlite" if db.on_sqlite() else "postgresql"
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": kind},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as failure:
                if not isinstance(failure, BoardError):
                    _failed(span, failure)
                raise

    def end(self) -> None:
        """Send what is left, as far as the collector takes it in time."""
        traces.end()
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(FLUSH)
        for each in COMPLAINING:
            each.removeHandler(self._complaints)
            each.propagate = True


def _resource() -> Resource:
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    own = {} if named else {"service.name": "board"}
    return Resource.create({**own, "service.version": __version__})


def _parent(scope: Scope) -> Context | None:
    """Return what a request goes on with, which a named proxy alone can tell.

    A stranger would have all requests traced, and their own ids in the log.
    """
    if "given_id" not in scope:
        return None
    headers = Headers(scope=scope)
    told = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
    return PARENT.extract(told)


def _describe(span: Span, method: str, scope: Scope, status: int) -> None:
    route = scope.get("route")
    if path := getattr(route, "path", None):
        span.update_name(f"{method} {path}")
        span.set_attribute("http.route", path)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("url.scheme", scope["scheme"])
    if status >= FAILED:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)
    if isinstance(route, Route) and route.endless:
        span.end()  # it lasts for hours: its begin is what is told


def _failed(span: Span, failure: Exception) -> None:
    """Tell of a failure by its kind: its words may hold what somebody wrote."""
    span.set_attribute("error.type", type(failure).__name__)
    span.set_status(StatusCode.ERROR)


def _ids() -> dict[str, str]:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
