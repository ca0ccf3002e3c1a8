"""The session's cookie: the token in it says who is asking, as long as its session stands."""

import re

from starlette.types import Scope

from service.access import cookies, ended, sessions
from service.access.identity import Identity
from service.access.standing import Standings
from service.access.tokens import Claims, Signer
from service.base import lanes, parts
from service.base.config import Settings
from service.base.errors import NotSignedIn
from service.base.parts import Where

PURPOSE = "session"
# What an open page asks for by itself: nobody need be there.
UNTOUCHED = re.compile(r"/rooms/rail|/api/events|/api(/rooms/[^/]+)?/read")


async def read(scope: Scope) -> Identity | None:
    """Return who is asking, or None if no token of ours came.

    Raise NotSignedIn if its session is over, which is noticed within 5 seconds. A token past its
    half hour whose session stands is exchanged for a fresh one, which the answer brings along: then
    the session was used, and not by a page that nobody touches.
    """
    claims = _claims(scope)
    if claims is None:
        return None
    me = claims.me
    over = ended.sessions.holds(me.session_id)
    if over:
        raise NotSignedIn
    if not claims.fresh and not UNTOUCHED.fullmatch(scope["path"]):
        me = await lanes.run(scope, "writes", sessions.renew, me.session_id)
        give(scope, me)
    elif (over is None or not claims.fresh) and not await _stands(scope, me):
        raise NotSignedIn
    parts.put(scope, me)  # the page that says that the database is away is theirs, too
    return await parts.of(scope, Standings).complete(scope, me)


async def _stands(scope: Scope, me: Identity) -> bool:
    return await lanes.run(scope, "reads", sessions.stands, me.session_id)


def holder(where: Where) -> Identity | None:
    """Return whom the token that came was made for, whether or not its session still stands."""
    claims = _claims(where)
    return claims.me if claims else None


def give(where: Where, me: Identity) -> None:
    """Let the answer set the cookie that proves this identity."""
    parts.put(where, me)
    lifetime = int(sessions.LIFETIME.total_seconds())
    cookies.give(where, _own_name(where), parts.of(where, Signer).sign(me), lifetime)


def take(where: Where) -> None:
    """Let the answer delete the cookie."""
    cookies.give(where, _own_name(where), "", 0)


def name(signer: Signer, scheme: str, base: str = "") -> str:
    """Return the name of the cookie that holds the token."""
    return cookies.named(PURPOSE, signer.marks[0], scheme, base)


def _own_name(where: Where) -> str:
    return name(parts.of(where, Signer), where["scheme"], parts.of(where, Settings).base)


def _claims(where: Where) -> Claims | None:
    return parts.of(where, Signer).read(cookies.read(where, *_names(where)))


def _names(where: Where) -> list[str]:
    """Return the names a token may come under: of the newest key, of older ones, of release 0.3.0.

    The last one can go with the next release: a session has ended by then.
    """
    before = "__Host-session" if where["scheme"] == "https" else "session"
    return [*cookies.names(where, PURPOSE, parts.of(where, Signer).marks), before]
