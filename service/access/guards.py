"""Who is asking, and whether they may: what a route declares, and is given."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.types import Scope

from service.access import session_cookie
from service.access.identity import Identity
from service.base import parts
from service.base.errors import Forbidden, NotSignedIn
from service.base.paces import Changes

# Each kind of proof has a reader. It returns None if none of its kind came, and raises NotSignedIn
# for one that is worth nothing: then no other is tried.
READERS: tuple[Callable[[Scope], Awaitable[Identity | None]], ...] = (session_cookie.read,)
READ_ONLY = "You may read here, but change nothing."


async def identify(scope: Scope) -> Identity:
    """Return who is asking; raise NotSignedIn."""
    for read in READERS:
        if me := await read(scope):
            parts.put(scope, me)
            return me
    raise NotSignedIn


async def signed_in(request: Request) -> Identity:
    return await identify(request.scope)


async def changing(request: Request) -> Identity:
    """Return who is asking to change something.

    Raise Forbidden if they may not, TooManyRequests if they do so too often.
    """
    me = await identify(request.scope)
    if not me.may("write"):
        raise Forbidden(READ_ONLY)
    parts.of(request, Changes).take(me.user_id)
    return me


async def maybe_signed_in(request: Request) -> Identity | None:
    try:
        return await identify(request.scope)
    except NotSignedIn:
        return None


SignedIn = Annotated[Identity, Depends(signed_in)]
Changing = Annotated[Identity, Depends(changing)]
MaybeSignedIn = Annotated[Identity | None, Depends(maybe_signed_in)]
