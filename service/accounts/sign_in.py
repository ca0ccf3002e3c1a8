"""Signing in: an attempt finds its place, waits its turn, and proves right or has failed."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from anyio.to_thread import run_sync

from service.access import audit, devices, places, sessions, tokens
from service.access.audit import Actor, Someone
from service.access.identity import Identity
from service.access.places import Device
from service.access.throttle import Place, Throttle
from service.access.visitors import Visitor
from service.accounts import accounts
from service.accounts.accounts import Account
from service.base import clock, metrics
from service.base.errors import BoardError, TooManyRequests, Unavailable
from service.base.together import Together
from service.data import db

WRONG = "The username or the password is wrong."
WAITING = "You are registered. Somebody who runs this board has to let you in first."


class Demo(NamedTuple):
    """What the sign-in page of a demonstration shows: two usernames and the password of both."""

    first: str
    second: str
    password: str


@dataclass(frozen=True)
class SignedIn:
    """A session that has begun, and the device that is known from now on."""

    me: Identity
    device: Device


Asked = tuple[Visitor, str]  # and the name
Found = tuple[Account | None, Place]


class Finding(Together[Asked, Found]):
    """Finds many at once: so nobody waits behind a crowd of strangers."""

    def __init__(self, throttle: Throttle) -> None:
        super().__init__(partial(_find_all, throttle))


async def find(finding: Finding, visitor: Visitor, username: str) -> Found:
    """Return the account of a name, if there is one, and the place the visitor is in.

    Raises Unavailable if too many ask.
    """
    return await finding.ask((visitor, username))


def _find_all(throttle: Throttle, asked: list[Asked]) -> list[Found]:
    by_name = accounts.find_all(username for _, username in asked)
    looked_for = [(visitor, accounts.name_key(username)) for visitor, username in asked]
    networks = [_network(throttle, visitor, by_name.get(name)) for visitor, name in looked_for]
    known = places.known_networks({network for network in networks if network})
    found = []
    for (visitor, name), network in zip(looked_for, networks, strict=True):
        account = by_name.get(name)
        user = (account.id, account.password_hash) if account else None
        place = throttle.place(
            name, visitor.address, user, visitor.device, network_known=network in known
        )
        found.append((account, place))
    return found


def _network(
    throttle: Throttle, visitor: Visitor, account: Account | None
) -> tuple[int, str] | None:
    if account is None:
        return None
    return account.id, throttle.network(account.password_hash, visitor.address)


async def check(throttle: Throttle, place: Place, account: Account | None, password: str) -> bool:
    """Say whether the password is the account's; it takes as long where there is none.

    Raises TooManyRequests, or Unavailable if too many wait.
    """
    password_hash = account.password_hash if account and not account.disabled else None
    async with throttle.attempt(place) as attempt:
        attempt.succeeded = await tokens.verify_password(password, password_hash)
    return attempt.succeeded


async def waits(username: str, password: str) -> bool:
    """Say whether it is the password of somebody who waits to be let in under that name.

    Called where `check` has said no: it counts as a failure there. While anybody waits, every name
    takes as long, or strangers would learn under which.
    """
    found = await run_sync(accounts.waiting, username)
    return found is not None and await tokens.verify_password(password, found)


@contextmanager
def refusals(method: str) -> Generator[None]:
    """Count what is refused in here as an attempt to sign in by a method of `metrics.sign_ins`.

    Where a second step is due, that counts, as a password's; what lets somebody in counts itself.
    """
    try:
        yield
    except Unavailable:
        raise  # it was the board, or a provider, that could not
    except TooManyRequests:
        metrics.sign_ins.count(method, "throttled")
        raise
    except BoardError:
        metrics.sign_ins.count(method, "failed")
        raise


def begin(
    throttle: Throttle,
    visitor: Visitor,
    account: Account,
    zone: str,
    second: str | None = None,
    method: str | None = None,
) -> SignedIn:
    """Begin a session, and let the place be known from now on; raise NotSignedIn.

    `second` is what was shown beside the password, `method` what was shown in its place.
    """
    zone = clock.known_zone(zone, account.zone)
    who = Actor(Someone(account.id, account.username), visitor.address)
    with db.write():
        me = sessions.start(
            *(account.id, account.password_hash, zone, visitor.agent), address=visitor.address
        )
        told = {"second": second, "method": method}
        how = {name: text for name, text in told.items() if text}
        audit.note(who, "signed.in", None, device=devices.name(visitor.agent), **how)
    return SignedIn(me, know(throttle, visitor, account.id, account.password_hash))


def know(throttle: Throttle, visitor: Visitor, user_id: int, password_hash: str) -> Device:
    """Let the network be known, and return the device to be known, until the password changes."""
    throttle.remember(user_id, password_hash, visitor.address)
    return places.new_device(user_id, password_hash)
