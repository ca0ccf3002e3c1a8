"""Signing in: an attempt finds its place, waits its turn, and proves right or has failed."""

from dataclasses import dataclass

from anyio.to_thread import run_sync

from service import accounts, clock, places, sessions, tokens
from service.accounts import Account
from service.places import Device
from service.throttle import Place, Throttle

WRONG = "The username or the password is wrong."


@dataclass(frozen=True)
class Visitor:
    """Who is asking: from where, with which program, on a device that is known perhaps."""

    address: str
    agent: str
    device: Device | None


@dataclass(frozen=True)
class SignedIn:
    """A session that has begun, and the device that is known from now on."""

    claims: tokens.Claims
    device: Device


async def find(throttle: Throttle, visitor: Visitor, username: str) -> tuple[Account | None, Place]:
    """Return the account of a name, if there is one, and the place the visitor is in.

    Raises Unavailable if too many ask.
    """
    async with throttle.looking(visitor.address, visitor.device):
        return await run_sync(_find, throttle, visitor, username)


def _find(throttle: Throttle, visitor: Visitor, username: str) -> tuple[Account | None, Place]:
    account = accounts.find(username)
    user = (account.id, account.password_hash) if account else None
    name = accounts.name_key(username)
    return account, throttle.place(name, visitor.address, user, visitor.device)


async def check(throttle: Throttle, place: Place, account: Account | None, password: str) -> bool:
    """Say whether the password is the account's; it takes as long where there is none.

    Raises TooManyRequests, or Unavailable if too many wait.
    """
    password_hash = account.password_hash if account and not account.disabled else None
    async with throttle.attempt(place) as attempt:
        attempt.succeeded = await tokens.verify_password(password, password_hash)
    return attempt.succeeded


def begin(throttle: Throttle, visitor: Visitor, account: Account, zone: str) -> SignedIn:
    """Begin a session, and let the place be known from now on; raise NotSignedIn."""
    zone = clock.known_zone(zone, account.timezone)
    claims = sessions.start(account.id, account.password_hash, zone, visitor.agent)
    return SignedIn(claims, know(throttle, visitor, account.id, account.password_hash))


def know(throttle: Throttle, visitor: Visitor, user_id: int, password_hash: str) -> Device:
    """Let the network be known, and return the device to be known, until the password changes."""
    throttle.remember(user_id, password_hash, visitor.address)
    return places.new_device(user_id, password_hash)
