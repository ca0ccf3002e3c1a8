"""A reverse proxy before a board, with the faults that such proxies have."""

import datetime as dt
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import batched
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOT_PASSED_ON = {"connection", "transfer-encoding", "server", "date"}


@dataclass
class ReverseProxy:
    """A proxy that passes everything on as it should, unless told otherwise."""

    board_port: int
    scheme: str = "http"
    headers: dict[str, str] = field(default_factory=dict)  # sent to the board instead of its own
    buffers: bool = False
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    pause: float = 0.0  # seconds before each byte of such an answer
    asked: list[str] = field(default_factory=list)  # the paths, with the cookies that came along
    port: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        self.asked.append(f"{path} {handler.headers.get('Cookie', '')}".rstrip())
        if path in self.answers:
            status, headers, body = self.answers[path]
            _start(handler, status, headers)
            for piece in batched(body, 1 if self.pause else len(body) or 1, strict=False):
                time.sleep(self.pause)
                handler.wfile.write(bytes(piece))
            return
        board = HTTPConnection("127.0.0.1", self.board_port, timeout=30)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        sent = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": self.scheme}
        sent = dict(handler.headers) | sent | self.headers
        try:
            board.request(handler.command, handler.path, body, sent)
            self._answer(handler, board.getresponse())
        finally:
            board.close()

    def _answer(self, handler: BaseHTTPRequestHandler, answer: HTTPResponse) -> None:
        held_back = answer.read() if self.buffers else b""
        _start(handler, answer.status, dict(answer.headers))
        handler.wfile.write(held_back)
        while chunk := answer.read1():
            handler.wfile.write(chunk)


def _start(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        if name.lower() not in NOT_PASSED_ON:
            handler.send_header(name, value)
    handler.end_headers()


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a handshake that the client breaks off


@contextmanager
def proxied(proxy: ReverseProxy, certificate: Path | None = None) -> Generator[ReverseProxy]:
    """Run a proxy, over TLS if it has a certificate, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True  # the client has gone

        def do_GET(self) -> None:
            proxy.pass_on(self)

        do_POST = do_GET  # noqa: N815, the names are given

        def log_message(self, format: str, *args: object) -> None:
            pass

    with QuietServer(("127.0.0.1", 0), Handler) as server:
        proxy.port = server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy
        server.shutdown()


def make_certificate(file: Path, name: str = "localhost", days: int = 1) -> None:
    """Write a certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
