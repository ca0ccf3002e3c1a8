"""Signing in whoever has just got an account, without asking for the password again."""

from functools import partial

from starlette.requests import Request

from service.access import session_cookie, visitors
from service.access.throttle import Throttle
from service.accounts import sign_in
from service.accounts.accounts import Account
from service.base import lanes, parts


async def enter(
    request: Request, account: Account, zone: str = "", method: str = ""
) -> sign_in.SignedIn:
    """Begin a session, and let the answer set its cookies; raise NotSignedIn.

    `method` is what the audit log says of it, where it was no password.
    """
    visitor = visitors.of(request)
    begin = partial(
        sign_in.begin, parts.of(request, Throttle), visitor, account, zone, None, method
    )
    begun = await lanes.run(request.scope, "writes", begin)
    session_cookie.give(request, begun.me)
    visitors.give_device(request, begun.device)
    return begun
