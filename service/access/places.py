"""Places a user has signed in from before: devices, by a cookie of months, and networks."""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from service.access.tokens import UNREADABLE, Signer
from service.base import clock
from service.data import db
from service.data.tables import KnownNetwork, User

AUDIENCE = "board-device"
LIFETIME = dt.timedelta(days=180)
SKEW = dt.timedelta(minutes=10)  # that a clock may have been put back since a cookie was made
MOST_NETWORKS = 50  # of a user; the ones not seen for longest are forgotten
STALE = dt.timedelta(days=1)  # after which it is noted again that a network was seen


@dataclass(frozen=True)
class Device:
    """A browser or program that a user has signed in with, as its cookie names it.

    OWASP calls it a device cookie: who shows one is no stranger, whatever strangers do.
    """

    id: str
    user_id: int
    password: str  # a digest of its hash: with a new password the device is a stranger's

    def is_known(self, user_id: int, password_hash: str) -> bool:
        return (self.user_id, self.password) == (user_id, digest(password_hash))


def new_device(user_id: int, password_hash: str) -> Device:
    return Device(secrets.token_hex(16), user_id, digest(password_hash))


def digest(password_hash: str) -> str:
    """Return what tells one password's time from another's, and nothing of either."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:32]


def sign_device(signer: Signer, device: Device) -> str:
    """Return the cookie of a device: a JWT that holds for LIFETIME."""
    payload = {"sub": str(device.user_id), "jti": device.id, "pwd": device.password}
    until = clock.now() + LIFETIME
    return signer.encode(AUDIENCE, payload | {"exp": int(until.timestamp())})


def read_device(signer: Signer, token: str) -> Device | None:
    """Return the device of a cookie that we signed and that still holds; None for any other."""
    now = clock.now()
    try:
        payload = signer.decode(AUDIENCE, token)
        if not now.timestamp() < payload["exp"] <= (now + LIFETIME + SKEW).timestamp():
            return None
        return Device(payload["jti"], int(payload["sub"]), payload["pwd"])
    except UNREADABLE:
        return None


def keyed(secret: str, *parts: str) -> str:
    """Return a hash of the parts that tells nothing to who has the database alone."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), text, "sha256").hexdigest()


def known_networks(asked: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return in which of some networks, given as keyed hashes, its user has signed in of late."""
    if not asked:
        return set()
    with db.read():
        rows: Any = KnownNetwork.select(KnownNetwork.user, KnownNetwork.network).where(
            KnownNetwork.user << {user for user, _ in asked},
            KnownNetwork.network << {network for _, network in asked},
            KnownNetwork.seen_at > clock.now() - LIFETIME,
        )
        return asked & set(rows.tuples())


def remember_network(user_id: int, network: str) -> None:
    """Note that the user has signed in from a network."""
    now = clock.now()
    own = KnownNetwork.user == user_id
    seen = KnownNetwork.select().where(own, KnownNetwork.network == network)
    with db.read():
        if seen.where(KnownNetwork.seen_at.between(now - STALE, now + STALE)).exists():
            return
    with db.write():
        # Locked, as by a sign-in: a restore may have taken the user away meanwhile.
        if not db.locked(User.select(User.id).where(User.id == user_id)).exists():
            return
        KnownNetwork.insert(user=user_id, network=network, seen_at=now).on_conflict(
            conflict_target=[KnownNetwork.user, KnownNetwork.network],
            update={KnownNetwork.seen_at: now},
        ).execute()
        ids: Any = KnownNetwork.id
        newest = (
            KnownNetwork.select(ids)
            .where(own)
            .order_by(KnownNetwork.seen_at.desc())
            .limit(MOST_NETWORKS)
        )
        KnownNetwork.delete().where(
            own,
            ids.not_in(newest) | (KnownNetwork.seen_at <= now - LIFETIME),
        ).execute()
