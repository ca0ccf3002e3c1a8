"""Who is asking, and whether they may: what a route declares, and is given."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.types import Scope

from service.access import session_cookie
from service.access.identity import Identity
from service.access.options import Current
from service.access.roles import REFUSED, Action
from service.base import parts
from service.base.errors import Forbidden, NotSignedIn
from service.base.paces import Changes

# Each kind of proof has a reader. It returns None if none of its kind came, and raises NotSignedIn
# for one that is worth nothing: then no other is tried.
READERS: tuple[Callable[[Scope], Awaitable[Identity | None]], ...] = (session_cookie.read,)


async def identify(scope: Scope) -> Identity:
    """Return who is asking; raise NotSignedIn. The options are known from here on."""
    await parts.of(scope, Current).catch_up(scope)
    for read in READERS:
        if me := await read(scope):
            parts.put(scope, me)
            return me
    raise NotSignedIn


async def admit(scope: Scope, action: Action) -> Identity:
    """Return who is asking to do something; raise NotSignedIn, or Forbidden if they may not."""
    me = await identify(scope)
    if not me.may(action):
        raise Forbidden(REFUSED[action])
    return me


class Guard:
    """Tells a route who is asking to do what it does."""

    def __init__(self, action: Action, *, paced: bool = False) -> None:
        self.action = action
        self._paced = paced

    async def __call__(self, request: Request) -> Identity:
        """Return who is asking.

        Raise NotSignedIn, Forbidden if they may not, TooManyRequests if they do so too often.
        """
        me = await admit(request.scope, self.action)
        if self._paced:
            parts.of(request, Changes).take(me.user_id)
        return me


async def maybe_signed_in(request: Request) -> Identity | None:
    try:
        return await identify(request.scope)
    except NotSignedIn:
        return None


SignedIn = Annotated[Identity, Depends(Guard("read"))]
Owning = Annotated[Identity, Depends(Guard("account"))]
Inviting = Annotated[Identity, Depends(Guard("invite"))]
Admitting = Annotated[Identity, Depends(Guard("admit"))]
Managing = Annotated[Identity, Depends(Guard("manage"))]
Writing = Annotated[Identity, Depends(Guard("post"))]
Changing = Annotated[Identity, Depends(Guard("post", paced=True))]
MaybeSignedIn = Annotated[Identity | None, Depends(maybe_signed_in)]
