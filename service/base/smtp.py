"""SMTP_URL: the server that takes the board's mail."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from service.base.addresses import HIGHEST_PORT
from service.base.values import Unusable

PORTS = {"smtp": 587, "smtps": 465}
SAME_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[\w.-]+", re.ASCII)
EXAMPLE = "smtp://user:password@mail.example.org:587?from=board@example.org"


@dataclass(frozen=True)
class Smtp:
    """A mail server, how it is signed in to, and who the board's mail is from."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False  # from the first byte on; else by STARTTLS

    @property
    def must_encrypt(self) -> bool:
        """Say whether nothing may be sent before STARTTLS: always, but on the same machine."""
        return not self.tls and self.host not in SAME_MACHINE


def smtp_url(text: str) -> Smtp:
    """Return the server that a URL names; what is wrong with one repeats nothing of it."""
    try:
        url = urlsplit(text)
        port = PORTS[url.scheme] if url.port is None else url.port
    except (ValueError, KeyError):
        raise _unusable() from None
    asked = dict(parse_qsl(url.query, keep_blank_values=True))
    sender = asked.pop("from", "")
    whole = url.hostname and not url.path.strip("/") and not url.fragment and not asked
    if not whole or not 1 <= port <= HIGHEST_PORT or not ADDRESS.fullmatch(sender):
        raise _unusable()
    if (url.username is None) != (url.password is None):
        raise Unusable("needs both a user and a password, or neither.")
    return Smtp(
        url.hostname or "",
        port,
        sender,
        unquote(url.username or ""),
        unquote(url.password or ""),
        tls=url.scheme == "smtps",
    )


def _unusable() -> Unusable:
    return Unusable(
        f"must be such as {EXAMPLE}, or smtps://; "
        "in a password, #, /, ?, @ and % are written %23, %2F, %3F, %40 and %25."
    )
