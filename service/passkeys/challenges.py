"""Challenges: what a passkey is to sign, good for one purpose, a few minutes, and once."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from service.access import spent
from service.access.tokens import UNREADABLE, Signer
from service.base import clock
from service.base.errors import Conflict

AUDIENCE = "board-passkey"
LIFETIME = dt.timedelta(minutes=5)
SIZE = 32  # bytes
Aim = Literal["register", "sign-in", "second", "confirm"]


class Over(Conflict):
    title = "That took too long"
    message = "The question to your passkey was answered already, or is too old. Try once more."


@dataclass(frozen=True)
class Challenge:
    """What is to be signed, why, and by whom: no user in particular is 0."""

    asked: bytes
    aim: Aim
    user_id: int
    made: int  # seconds since 1970
    handle: bytes = b""  # of the user, where a passkey is to be made

    @property
    def is_over(self) -> bool:
        return not 0 <= clock.now().timestamp() - self.made < LIFETIME.total_seconds()


def make(aim: Aim, user_id: int = 0, handle: bytes = b"") -> Challenge:
    asked, now = secrets.token_bytes(SIZE), int(clock.now().timestamp())
    return Challenge(asked, aim, user_id, now, handle)


def sign(signer: Signer, challenge: Challenge) -> str:
    """Return a challenge as whoever answers it brings it back."""
    about = {"aim": challenge.aim, "sub": str(challenge.user_id), "iat": challenge.made}
    random = {"asked": challenge.asked.hex(), "handle": challenge.handle.hex()}
    return signer.encode(AUDIENCE, about | random)


def read(signer: Signer, signed: str, aim: Aim, user_id: int = 0) -> Challenge:
    """Return a challenge that was made here for this purpose and user; raise Over."""
    try:
        told = signer.decode(AUDIENCE, signed)
        asked, handle = bytes.fromhex(told["asked"]), bytes.fromhex(told["handle"])
        challenge = Challenge(asked, told["aim"], int(told["sub"]), told["iat"], handle)
    except UNREADABLE:
        raise Over from None
    if challenge.is_over or (challenge.aim, challenge.user_id) != (aim, user_id):
        raise Over
    return challenge


def use(challenge: Challenge) -> None:
    """Let a challenge be good no more; raise Over if it was used; in the transaction that acts."""
    digest = hashlib.sha256(challenge.asked).hexdigest()
    if not spent.spend(digest, clock.now() + LIFETIME):
        raise Over
