"""The way from the public address to the board, as a browser goes it."""

import datetime as dt
import ipaddress
import re
import socket
import time
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPResponse
from urllib.parse import urljoin, urlsplit

from service.access import begun, session_cookie, sessions
from service.access.tokens import Signer
from service.accounts import accounts
from service.base import probe
from service.base.addresses import HIGHEST_PORT
from service.base.config import Settings
from service.base.errors import NotFound
from service.base.probe import Answer, NoAnswer
from service.base.program import PROGRAM
from service.data.cursors import Cursors
from service.messages import messages

ORIGIN = re.compile(r"(https?)://([^\s/?#@:\[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(/[\w./~-]*)?")
DEFAULT_PORTS = {"http": 80, "https": 443}
SCHEMES = ("https", "http")
LIFETIME = dt.timedelta(minutes=1)  # of a session that a doctor who is killed can't end
FIRST_FRAME = 3.0  # seconds
UNREACHED = {502, 503, 504}  # what a proxy says if nobody answers behind it
FORWARD = "let the proxy send X-Forwarded-For and X-Forwarded-Proto, name it in TRUSTED_PROXIES."
HOST = "let the proxy pass the Host header on as it came, with the port if it has one."
UNBUFFER = "turn its buffering and compression off for /api/events."


class _Stop(Exception):
    """A finding that keeps the rest from being asked."""


def check(settings: Settings, url: str) -> Generator[str, None, str]:
    """Find what a proxy keeps from working. Reads for a moment as the first user there is."""
    try:
        origin = origin_of(url)
        _find_board(origin)
        with _signed_in(settings) as cookies:
            scheme = _scheme_seen(origin, cookies)
            yield from _posts(origin, scheme)
            cursor = Cursors(settings.secret_keys).sealed(messages.newest_cursor())
            _streams(origin, cookies[scheme], cursor)
    except (_Stop, NoAnswer) as finding:
        yield str(finding)
        return ""
    return f"{origin}, streams pass unbuffered"


def origin_of(url: str) -> str:
    """Return an address as browsers write it as an origin, and the path the board is below."""
    start, slashes, rest = url.strip().rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    found = ORIGIN.fullmatch(f"{start}{slashes}{host}".lower() + slash + path)
    scheme, host, port, path = found.groups() if found else ("", "", None, None)
    number = int(port or DEFAULT_PORTS.get(scheme, 0))
    if not 0 < number <= HIGHEST_PORT:
        raise _Stop("--url is no address such as https://board.example.org: mend it.")
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        raise _Stop(f"{host} can be no name of a machine: mend --url.") from None
    place = f":{number}" if number != DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{name}{place}{path or ''}"


def _find_board(origin: str) -> None:
    """Raise _Stop if this leads to no board, or to one that may not be signed in to like this."""
    answer = probe.ask(origin, "/healthz")
    if target := answer.headers.get("Location"):
        to = urljoin(f"{origin}/", target).partition("?")[0].removesuffix("/healthz")
        raise _Stop(
            f"{origin} sends everybody on to {to}: give that as --url, "
            "or let the proxy pass every path on to the board."
        )
    if answer.status in UNREACHED:
        raise _Stop(
            f"The proxy at {origin} does not reach the board ({answer.status}): "
            "start the board, or mend the address that the proxy passes requests on to."
        )
    if not answer.is_from_a_board:
        raise _Stop(
            f"What answers at {origin} is no board ({answer.status} for /healthz): "
            "let the proxy pass every path on to the board."
        )
    if origin.startswith("http:") and is_public(urlsplit(origin).hostname or ""):
        raise _Stop(
            f"{origin} is public without HTTPS, passwords can be read on their way: "
            "give the proxy a certificate and ask the https:// address."
        )


def is_public(host: str) -> bool:
    """Say whether a name has an address that the whole world can reach."""
    found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    return any(ipaddress.ip_address(str(each).partition("%")[0]).is_global for each in found)


@contextmanager
def _signed_in(settings: Settings) -> Generator[dict[str, str]]:
    """Yield the cookies, for https and http, of a session that ends with the block."""
    people = (each for each in accounts.everyone() if not each.disabled and each.role != "bot")
    user = next(people, None)
    if user is None:
        raise _Stop(
            "Nobody can sign in, so streams can't be tried: "
            f"add a user with `{PROGRAM} user add NAME`."
        )
    signer = Signer(settings.secret_keys)
    claims = sessions.start(
        *(user.id, user.password_hash, user.zone, "", LIFETIME), method=begun.DOCTOR
    )
    try:
        token = signer.sign(claims)
        names = {each: session_cookie.name(signer, each, settings.base) for each in SCHEMES}
        yield {scheme: f"{name}={token}" for scheme, name in names.items()}
    finally:
        with suppress(NotFound):  # its user ended it first
            sessions.end(claims.user_id, claims.session_id)


def _scheme_seen(origin: str, cookies: dict[str, str]) -> str:
    """Return the scheme that the board sees: it takes the cookie of that one alone."""
    answers: dict[str, Answer] = {}
    for scheme in SCHEMES:
        headers = {"Accept": "application/json", "Cookie": cookies[scheme]}
        answers[scheme] = probe.ask(origin, "/api/messages", headers)
        if answers[scheme].status == HTTPStatus.OK:
            return scheme
    status = answers["http"].status
    if status == HTTPStatus.UNAUTHORIZED:
        raise _Stop(
            f"The board at {origin} is another one, or has another SECRET_KEY: "
            "run doctor with the settings of that board, or mend the proxy."
        )
    raise _Stop(f"{origin} answers {status} to a signed-in reader: look at the logs of both.")


def _posts(origin: str, seen: str) -> Iterator[str]:
    """Find a proxy that makes the board take its own pages for another site's."""
    if not origin.startswith(f"{seen}:"):
        yield f"The board takes {origin} for {seen}, so it refuses every post: {FORWARD}"
        return
    headers = {"Origin": "/".join(origin.split("/")[:3])}
    answer = probe.ask(origin, "/api/login", headers, form="username=&password=")
    if answer.status == HTTPStatus.FORBIDDEN:
        yield f"The board takes {origin} for another site and refuses every post: {HOST}"
    elif answer.status != HTTPStatus.UNPROCESSABLE_CONTENT:
        yield (
            f"An empty sign-in at {origin} is answered with {answer.status} instead of 422: "
            "let the proxy pass POST requests on as they are."
        )


def _streams(origin: str, cookie: str, cursor: str) -> None:
    """Raise _Stop unless a stream's first frame arrives while the stream is open."""
    # As a browser asks: some proxies hold back what they compress.
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip", "Cookie": cookie}
    path = f"/api/events?after={cursor}"
    try:
        with probe.opened(origin, path, headers, timeout=FIRST_FRAME) as answer:
            kind = answer.headers.get_content_type()
            if answer.status != HTTPStatus.OK or kind != "text/event-stream":
                raise _Stop(
                    f"{origin}/api/events is answered with {answer.status} and {kind}: "
                    "let the proxy pass it on as it is; if it is the board, try again later."
                )
            _await_frame(answer, origin)
    except zlib.error:
        raise _Stop(f"{origin} calls a stream gzip that is none: {UNBUFFER}") from None
    except probe.NoAnswerInTime:
        raise _Stop(
            f"The proxy at {origin} holds streams back, no frame came in {FIRST_FRAME:g} s: "
            f"{UNBUFFER}"
        ) from None


def _await_frame(answer: HTTPResponse, origin: str) -> None:
    """Read a stream's first frame; raise _Stop, TimeoutError or zlib.error."""
    zipped = answer.headers.get("Content-Encoding") == "gzip"
    text, unzip = b"", zlib.decompressobj(zlib.MAX_WBITS | 16)
    deadline = time.monotonic() + FIRST_FRAME
    while b"\n\n" not in text:
        if time.monotonic() > deadline:  # it sends something now and then
            raise TimeoutError
        if len(text) >= probe.MAX_BODY:
            raise _Stop(f"{origin} sends a stream without frames: {UNBUFFER}")
        chunk = answer.read1()
        if not chunk:
            raise _Stop(f"{origin} ends a stream before its first frame: {UNBUFFER}")
        text += unzip.decompress(chunk, probe.MAX_BODY) if zipped else chunk
