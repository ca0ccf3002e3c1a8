"""Cookies: named so that only we can have set them, read from the header's own bytes, given.

A reader that strips more than browsers do, or takes the last of two, can be given a stranger's
cookie by any other page of the domain.
"""

from collections.abc import Iterable

from starlette.responses import Response

from service.base import parts
from service.base.config import Settings
from service.base.parts import Where

BLANKS = b" \t"  # RFC 6265, section 5.2; Python's strip would take 0x85 and 0xA0 too


class Given(dict[str, str]):
    """The cookies that the answer to a request sets: their names, and the header of each."""


def named(purpose: str, mark: str, scheme: str, base: str) -> str:
    """Return the name of a cookie of ours; over HTTPS one that only this host can have set.

    Browsers send a cookie to all ports of its host: the mark tells the boards there apart. Below a
    path, `base`, others share the host, and a cookie for that path alone may not say __Host-.
    """
    secure = "__Secure-" if base else "__Host-"
    return f"{secure if scheme == 'https' else ''}board-{purpose}-{mark}"


def names(where: Where, purpose: str, marks: Iterable[str]) -> list[str]:
    """Return the names that a cookie for this purpose may have come under, one for each mark."""
    base = parts.of(where, Settings).base
    return [named(purpose, mark, where["scheme"], base) for mark in marks]


def read(where: Where, *names: str) -> str:
    """Return the value of the first of exactly these names that came; empty if it came twice."""
    pairs = _pairs(where)
    for name in names:
        found = [value for key, value in pairs if key == name.encode("latin-1")]
        if found:
            return found[0].decode("latin-1") if len(found) == 1 else ""
    return ""


def _pairs(where: Where) -> list[tuple[bytes, bytes]]:
    """Return all names and values; HTTP/2 may send a header for each cookie."""
    headers = [value for name, value in where["headers"] if name == b"cookie"]
    pairs = [pair.partition(b"=") for header in headers for pair in header.split(b";")]
    return [(name.strip(BLANKS), value.strip(BLANKS)) for name, equals, value in pairs if equals]


def give(where: Where, name: str, value: str, max_age: int) -> None:
    """Let the answer to this request set a cookie, for so many seconds."""
    carrier = Response()
    carrier.set_cookie(
        name,
        value,
        max_age=max_age,
        path=parts.of(where, Settings).base or "/",
        httponly=True,
        samesite="lax",
        secure=where["scheme"] == "https",
    )
    given = parts.maybe(where, Given) or Given()
    parts.put(where, Given(given | {name: carrier.headers["set-cookie"]}))
