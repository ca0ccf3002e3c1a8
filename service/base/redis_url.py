"""REDIS_URL: the Redis or Valkey that the processes of a board share."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from service.base import numbers
from service.base.addresses import HIGHEST_PORT
from service.base.values import Unusable

PORT = 6379
EXAMPLE = "redis://user:password@redis.example.org:6379/0"


@dataclass(frozen=True)
class Redis:
    """A Redis or Valkey, and how it is signed in to."""

    host: str = ""
    port: int = PORT
    user: str = ""
    password: str = field(default="", repr=False)
    database: int = 0
    tls: bool = False
    socket: str = ""  # a path, in place of host and port

    @property
    def place(self) -> str:
        return self.socket or f"{self.host}:{self.port}"


def redis_url(text: str) -> Redis:
    """Return the server that a URL names; what is wrong with one repeats nothing of it."""
    try:
        url = urlsplit(text)
        port = PORT if url.port is None else url.port
    except ValueError:
        raise _unusable() from None
    if url.query or url.fragment:
        raise _unusable()
    login = unquote(url.username or ""), unquote(url.password or "")
    if login[0] and not login[1]:
        raise Unusable("needs a password beside the user; one alone is written redis://:password@.")
    if url.scheme == "unix":
        return Redis("", PORT, *login, socket=_socket(url))
    if url.scheme not in {"redis", "rediss"} or not url.hostname or not 1 <= port <= HIGHEST_PORT:
        raise _unusable()
    return Redis(url.hostname, port, *login, _database(url), tls=url.scheme == "rediss")


def _socket(url: SplitResult) -> str:
    if url.hostname or len(url.path) < len("/s"):
        raise _unusable()
    return unquote(url.path)


def _database(url: SplitResult) -> int:
    number = numbers.of(url.path[1:] or "0")
    if number is None:
        raise _unusable()
    return number


def _unusable() -> Unusable:
    return Unusable(
        f"must be such as {EXAMPLE}, rediss:// with TLS, or unix:///run/redis.sock; "
        "in a password, #, /, ?, @ and % are written %23, %2F, %3F, %40 and %25."
    )
