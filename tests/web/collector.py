"""A collector of OpenTelemetry, which takes what is sent by OTLP over HTTP and decodes it."""

import gzip
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

Span = Any


class Collector:
    """What has come so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[bytes] = []

    def spans(self) -> list[Span]:
        return [span for scope in self._scopes() for span in scope.spans]

    def resource(self) -> dict[str, Any]:
        """Return what was told of the process first."""
        return attributes(self._resources()[0].resource)

    def named(self, name: str) -> Span:
        (found,) = [span for span in self.spans() if span.name == name]
        return found

    def _scopes(self) -> list[Any]:
        return [scope for each in self._resources() for scope in each.scope_spans]

    def _resources(self) -> list[Any]:
        requests = map(ExportTraceServiceRequest.FromString, self.bodies)
        return [each for request in requests for each in request.resource_spans]


def attributes(thing: Any) -> dict[str, Any]:
    """Return what a span or a resource tells."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in thing.attributes
    }


@contextmanager
def collecting() -> Generator[Collector]:
    """Run a collector until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            packed = self.headers["content-encoding"] == "gzip"
            collector.bodies.append(gzip.decompress(body) if packed else body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield collector
        server.shutdown()
