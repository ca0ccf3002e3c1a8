"""Cookies, read from the header's own bytes.

A reader that strips more than browsers do, or takes the last of two, can be given a stranger's
cookie by any other page of the domain.
"""

from starlette.types import Scope

BLANKS = b" \t"  # RFC 6265, section 5.2; Python's strip would take 0x85 and 0xA0 too


def read(scope: Scope, name: str) -> str:
    """Return the value of the cookie of exactly that name; empty if there is none, or more."""
    wanted = name.encode("latin-1")
    found = [value for key, value in _pairs(scope) if key == wanted]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _pairs(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return all names and values; HTTP/2 may send a header for each cookie."""
    headers = [value for name, value in scope["headers"] if name == b"cookie"]
    pairs = [pair.partition(b"=") for header in headers for pair in header.split(b";")]
    return [(name.strip(BLANKS), value.strip(BLANKS)) for name, equals, value in pairs if equals]
