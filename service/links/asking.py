"""Codes that strangers bring: one that is worth nothing counts against their network."""

from collections.abc import Callable

from starlette.requests import Request

from service.access import visitors
from service.access.throttle import Throttle
from service.base import parts
from service.links.links import Worthless


def ask[T](request: Request, code: str, look: Callable[[str], T]) -> T:
    """Return what `look` says of a code; raise Worthless, or TooManyRequests after too many.

    No connection is to be held around this.
    """
    if not code:
        raise Worthless
    with parts.of(request, Throttle).guess(visitors.address(request), Worthless):
        return look(code)
