"""Who is asking, and whether they may: what a route declares, and is given."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.types import Scope

from service.access import bearer, confirmation, roles, session_cookie
from service.access.duty import Duties
from service.access.identity import Identity
from service.access.options import Current
from service.access.roles import Action
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import NoPasswords, NotConfirmed, NotSignedIn
from service.base.paces import Changes

# Each kind of proof has a reader. It returns None if none of its kind came, and raises NotSignedIn
# for one that is worth nothing: then no other is tried.
READERS: tuple[Callable[[Scope], Awaitable[Identity | None]], ...] = (
    bearer.read,
    session_cookie.read,
)


async def identify(scope: Scope) -> Identity:
    """Return who is asking; raise NotSignedIn. The options are known from here on."""
    await parts.of(scope, Current).catch_up(scope)
    for read in READERS:
        if me := await read(scope):
            parts.put(scope, me)
            return me
    raise NotSignedIn


async def admit(scope: Scope, *actions: Action, lacking: bool = False) -> Identity:
    """Return who is asking to do one of these; raise NotSignedIn, or Forbidden if they may none.

    So it is for whoever lacks the second factor that they must have, unless `lacking` lets them.
    """
    me = await identify(scope)
    if not any(map(me.may, actions)):
        raise roles.refusal(actions[0], me.scopes)
    if not lacking:
        await parts.of(scope, Duties).require(scope, me)
    return me


class Guard:
    """Tells a route who is asking to do what it does."""

    def __init__(
        self,
        *actions: Action,
        paced: bool = False,
        fresh: bool = False,
        lacking: bool = False,
    ) -> None:
        self.actions = actions
        self.lacking = lacking  # whether those may who lack the second factor that they must have
        self.fresh = fresh  # whether who they are must have been proved of late
        self._paced = paced

    async def __call__(self, request: Request) -> Identity:
        """Return who is asking.

        Raise NotSignedIn, Forbidden if they may not, NotConfirmed if they have to prove again who
        they are, TooManyRequests if they do so too often.
        """
        me = await admit(request.scope, *self.actions, lacking=self.lacking)
        if self.fresh and not await _is_confirmed(request, me):
            raise NotConfirmed
        if self._paced:
            await parts.of(request, Changes).take(me.user_id)
        return me


async def _is_confirmed(request: Request, me: Identity) -> bool:
    return await lanes.run(request.scope, "reads", confirmation.is_fresh, me.session_id)


async def maybe_signed_in(request: Request) -> Identity | None:
    try:
        return await identify(request.scope)
    except NotSignedIn:
        return None


def require_passwords(request: Request) -> None:
    """Raise NoPasswords where people only sign in in other ways."""
    if not parts.of(request, Settings).password_sign_in:
        raise NoPasswords


async def _require_passwords(request: Request) -> None:
    require_passwords(request)


# What a route declares that asks for a password, or gives somebody one.
WITH_PASSWORDS = [Depends(_require_passwords)]

SignedIn = Annotated[Identity, Depends(Guard("read"))]
Owning = Annotated[Identity, Depends(Guard("account"))]
Inviting = Annotated[Identity, Depends(Guard("invite"))]
Admitting = Annotated[Identity, Depends(Guard("admit"))]
Managing = Annotated[Identity, Depends(Guard("manage"))]
Writing = Annotated[Identity, Depends(Guard("post"))]
ConfirmingOwning = Annotated[Identity, Depends(Guard("account", fresh=True))]
ConfirmingInviting = Annotated[Identity, Depends(Guard("invite", fresh=True))]
ConfirmingAdmitting = Annotated[Identity, Depends(Guard("admit", fresh=True))]
ConfirmingManaging = Annotated[Identity, Depends(Guard("manage", fresh=True))]
# For who has to set up a second factor before anything else.
SettingUp = Annotated[Identity, Depends(Guard("account", lacking=True))]
ConfirmingSettingUp = Annotated[Identity, Depends(Guard("account", fresh=True, lacking=True))]
Presenting = Annotated[Identity, Depends(Guard("account", paced=True))]
Changing = Annotated[Identity, Depends(Guard("post", paced=True))]
# One's own, or another's as a moderator.
Deleting = Annotated[Identity, Depends(Guard("post", "moderate", paced=True))]
AskingToDelete = Annotated[Identity, Depends(Guard("post", "moderate"))]
Marking = Annotated[Identity, Depends(Guard("read", paced=True))]
Joining = Annotated[Identity, Depends(Guard("join", paced=True))]
AskingForRoom = Annotated[Identity, Depends(Guard("room"))]
MakingRoom = Annotated[Identity, Depends(Guard("room", paced=True))]
AskingForDirect = Annotated[Identity, Depends(Guard("direct"))]
MakingDirect = Annotated[Identity, Depends(Guard("direct", paced=True))]
MaybeSignedIn = Annotated[Identity | None, Depends(maybe_signed_in)]
