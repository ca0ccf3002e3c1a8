"""Passwords and session tokens: hash, verify, sign, read."""

import asyncio
import datetime as dt
import hmac
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, OctKey
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service.access.identity import Identity
from service.base import clock, passwords

LIFETIME = dt.timedelta(minutes=30)
CLOCKS_DIFFER = dt.timedelta(minutes=2)  # at most; one issued later was by a wrong clock
AUDIENCE = "board"
MARK = 8  # characters that tell one board from another
UNREADABLE = (JoseError, KeyError, TypeError, ValueError)  # what a token of no worth may raise
# OWASP's second recommendation for argon2id: 19 MiB, 2 passes. More would not fit a small pod.
PASSES, MEMORY = 2, 19_456  # KiB
_hasher = PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=1),))
# Two threads of their own: a rush of sign-ins must not take all others, nor all the memory. What a
# thread has freed stays with it, so the 19 MiB would stay in as many threads as ever hashed.
HASHED_AT_ONCE = 2
_threads = ThreadPoolExecutor(HASHED_AT_ONCE, thread_name_prefix="passwords")
# Whoever has no password has this one: 16 and 32 bytes of zero as salt and hash. To check it takes
# as long as any other.
NO_PASSWORD = f"$argon2id$v=19$m={MEMORY},t={PASSES},p=1${'A' * 22}${'A' * 43}"


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`."""
    return _hasher.hash(passwords.normal(password))


async def hash_password_in_turn(password: str) -> str:
    """Return the hash once one of the two threads is free."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_password, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Say whether the password fits; without a hash (no such user) take as long and say no."""
    fits = await asyncio.get_running_loop().run_in_executor(
        _threads, _fits, password, password_hash or NO_PASSWORD
    )
    return fits and password_hash is not None


def _fits(password: str, password_hash: str) -> bool:
    return any(_hasher.verify(form, password_hash) for form in passwords.forms(password))


KEPT = 2048  # tokens whose claims are remembered: to verify one takes as long as a small answer
LONGEST_KEPT = 1024  # characters; ours are shorter


@dataclass(frozen=True)
class Claims:
    """What a token says: who is asking, and when it was issued."""

    me: Identity
    issued_at: dt.datetime

    @property
    def fresh(self) -> bool:
        """Say whether it is so new that the end of its session is remembered without a read."""
        return -CLOCKS_DIFFER <= clock.now() - self.issued_at < LIFETIME


def _mark(key: str) -> str:
    return hmac.digest(key.encode(), b"cookie", "sha256").hex()[:MARK]


class Signer:
    """Signs with the newest key and verifies with any of them."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        made: list[Key] = [OctKey.import_key(key) for key in keys]
        for key in made:
            key.ensure_kid()
        self._newest = made[0]
        self._all = KeySet(made)
        # A board's mark in its cookies' names: every process and every start has the same.
        self.marks = tuple(_mark(key) for key in keys)
        self._kept = lru_cache(KEPT)(self._read)

    def sign(self, me: Identity) -> str:
        """Return a JWT (HS256) that expires LIFETIME from now."""
        issued = int(clock.now().timestamp())
        payload = {
            "sub": str(me.user_id),
            "name": me.name,
            "sid": me.session_id,
            "zoneinfo": me.zone,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
        }
        return self.encode(AUDIENCE, payload)

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token that we signed, expired or not; None for any other."""
        return self._kept(token) if len(token) <= LONGEST_KEPT else self._read(token)

    def _read(self, token: str) -> Claims | None:
        try:
            payload = self.decode(AUDIENCE, token)
            me = Identity(
                user_id=int(payload["sub"]),
                name=payload["name"],
                zone=payload["zoneinfo"],
                session_id=payload["sid"],
            )
            return Claims(me, dt.datetime.fromtimestamp(payload["iat"], clock.UTC))
        except UNREADABLE:
            return None

    def encode(self, audience: str, payload: dict[str, Any]) -> str:
        """Return a JWT (HS256) for one of our own audiences."""
        header = {"alg": "HS256", "kid": self._newest.kid}
        return jwt.encode(header, {"aud": audience, **payload}, self._newest)

    def decode(self, audience: str, token: str) -> dict[str, Any]:
        """Return what a token says that we signed for an audience; raise one of UNREADABLE."""
        payload = jwt.decode(token, self._all, algorithms=["HS256"]).claims
        # Nothing else is for a library to judge: `exp` is not the end of a session, and `iat` may
        # lie ahead of this machine's clock.
        if payload["aud"] != audience:
            raise ValueError("signed for something else")
        return payload
