"""Throttling of failed sign-ins, per user-and-address and per address."""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service.errors import TooManyRequests

# A stranger must not lock a user out: a name alone is never throttled, only with an address.
PER_USER_AND_ADDRESS = parse("10 per 5 minutes")
PER_ADDRESS = parse("50 per 5 minutes")


class Throttle:
    """Counts failures in this process; attempts under way count too, so a rush can't pass."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def attempt(self, username_key: str, address: str) -> Generator["Attempt"]:
        """Yield an attempt to be told of its failure; raise TooManyRequests instead."""
        network = _network(address)
        limits = ((PER_USER_AND_ADDRESS, f"{network} {username_key}"), (PER_ADDRESS, network))
        for limit, key in limits:
            if not self._limiter.test(limit, key, cost=self._under_way[key] + 1):
                raise _refusal(self._wait(limit, key))
        keys = [key for _, key in limits]
        self._under_way.update(keys)
        attempt = Attempt()
        try:
            yield attempt
        finally:  # a failure mostly leaves by an exception
            if attempt.failed:
                for limit, key in limits:
                    self._limiter.hit(limit, key)
            self._under_way.subtract(keys)
            self._under_way += Counter()  # drops what has come down to zero

    def _wait(self, limit: RateLimitItem, key: str) -> int:
        reset, remaining = self._limiter.get_window_stats(limit, key)
        if remaining:  # others are being checked just now
            return 1
        return max(1, math.ceil(reset - time.time()))


class Attempt:
    """One sign-in; whoever checks it sets `failed`."""

    failed = False


def _refusal(wait: int) -> TooManyRequests:
    minutes = math.ceil(wait / 60)
    if wait <= 1:  # most of them still under way
        return TooManyRequests("Too many sign-ins at once. Try again.", retry_after=wait)
    when = f"in {minutes} minutes" if minutes > 1 else "in a minute"
    return TooManyRequests(f"Too many failed sign-ins. Try again {when}.", retry_after=wait)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # how a socket for both kinds writes an IPv4 address
        return str(parsed.ipv4_mapped)
    # One household has a /64 of addresses.
    return str(ipaddress.ip_network((parsed, 64), strict=False))
