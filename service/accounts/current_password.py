"""The password as it is, asked of somebody who is signed in."""

import logging

from anyio.to_thread import run_sync
from starlette.requests import Request

from service.access import visitors
from service.access.identity import Identity
from service.access.throttle import Throttle
from service.accounts import accounts, sign_in
from service.base import parts, passwords
from service.base.errors import Invalid

security = logging.getLogger("service.security")


async def check(request: Request, me: Identity, password: str) -> str:
    """Return the hash of the user's password; raise Invalid if it is not the one that was given.

    Raises TooManyRequests, or Unavailable if too many wait.
    """
    account = await run_sync(accounts.get, me.user_id)
    throttle = parts.of(request, Throttle)
    place = throttle.place_of_session(me.session_id)
    fits = passwords.may_be_one(password) and await sign_in.check(
        throttle, place, account, password
    )
    if not fits:
        told = {"username": me.name, "user_id": me.user_id, "client": visitors.address(request)}
        security.warning("current password refused", extra=told)
        raise Invalid(current_password="That is not your current password.")  # noqa: S106, no secret
    return account.password_hash
