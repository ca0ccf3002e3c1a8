"""Ask a web address once, following nothing, and say in words why it does not answer."""

import json
import socket
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    HTTPSConnection,
)
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from service.base import tls

TIMEOUT = 5.0  # seconds for each step
LONGEST = 15.0  # seconds for all of them
MAX_BODY = 65_536  # bytes of an answer that are looked at
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class NoAnswer(Exception):
    """Nobody answered: what is wrong, and what to do."""


class NoAnswerInTime(NoAnswer):
    pass


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def is_from_a_board(self) -> bool:
        """Say whether this is how a board answers to GET /healthz."""
        try:
            return self.status == HTTPStatus.OK and json.loads(self.body) == {"status": "alive"}
        except ValueError:
            return False


def origin(host: str, port: int) -> str:
    """Return the address at which a server that listens like this answers on its own machine."""
    host = EVERY_ADDRESS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def ask(
    origin: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    form: str | None = None,
) -> Answer:
    """Return the answer to a GET, or to a POST of a form; raise NoAnswer.

    `origin` may go on with the path below which the board is.
    """
    with opened(origin, path, headers or {}, form) as response:
        return Answer(response.status, response.headers, response.read(MAX_BODY))


@contextmanager
def opened(
    origin: str,
    path: str,
    headers: Mapping[str, str],
    form: str | None = None,
    timeout: float | None = None,  # seconds
) -> Generator[HTTPResponse]:
    """Yield an answer whose body is still to come; raise NoAnswer, also for what comes of it."""
    where, timeout = urlsplit(origin), timeout or TIMEOUT
    connection = _connection(where, timeout)
    sent = dict(headers)
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    limit = Timer(LONGEST, _hang_up, [connection])
    try:
        connection.connect()
        limit.start()
        connection.request("GET" if form is None else "POST", where.path + path, form, sent)
        with connection.getresponse() as response:  # may outlive the connection
            yield response
    except TimeoutError:
        raise NoAnswerInTime(
            f"{where.netloc} does not answer within {timeout:g} s: "
            "look at the firewall and at the proxy's log."
        ) from None
    except (OSError, HTTPException, UnicodeError) as failure:
        raise NoAnswer(_why(failure, where.netloc)) from None
    finally:
        limit.cancel()
        connection.close()


def _connection(where: SplitResult, timeout: float) -> HTTPConnection:
    host = where.hostname or ""
    if where.scheme != "https":
        return HTTPConnection(host, where.port, timeout=timeout)
    return HTTPSConnection(host, where.port, timeout=timeout, context=tls.trusting())


def _hang_up(connection: HTTPConnection) -> None:
    """End what goes on for ever, a byte now and then."""
    with suppress(OSError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _why(failure: Exception, place: str) -> str:
    match failure:
        case socket.gaierror() | UnicodeError():
            return f"{place} is a name without an address: mend its DNS entry, or the name."
        case ConnectionRefusedError():
            return f"Nothing listens at {place}: start the proxy there, or open its port."
        case ssl.SSLCertVerificationError():
            return (
                f"The certificate of {place} is not accepted ({failure.verify_message}): renew it, "
                "or name the file of the authority that issued it in SSL_CERT_FILE."
            )
        case ssl.SSLError():
            return f"{place} does not speak HTTPS: give the proxy a certificate, or mend the port."
    reason = getattr(failure, "strerror", None) or type(failure).__name__
    return f"{place} can't be asked ({reason}): look at the network and at the proxy's log."
