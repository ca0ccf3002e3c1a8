"""Passwords: hashed with the parameters decided on, two at a time."""

import asyncio
import threading
import time

import pytest

from service.access import tokens
from tests.people import PASSWORD, password_hash


def test_a_hash_tells_its_parameters() -> None:
    assert password_hash().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.anyio
async def test_a_password_fits_its_own_hash_alone() -> None:
    assert await tokens.verify_password(PASSWORD, password_hash())
    assert not await tokens.verify_password(f"{PASSWORD} ", password_hash())
    assert not await tokens.verify_password("no user has this password", None)


@pytest.mark.anyio
async def test_a_rush_of_sign_ins_hashes_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def verify(_password: str, _hash: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(tokens._hasher, "verify", verify)
    await asyncio.gather(*(tokens.verify_password(PASSWORD, "hash") for _ in range(12)))
    assert most == 2
