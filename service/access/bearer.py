"""The header of a program: the token in it says who is asking, as long as it works."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.types import Scope

from service.access import api_tokens, visitors
from service.access.identity import Identity
from service.access.throttle import Throttle
from service.base import clock, lanes, parts
from service.base.errors import Unavailable, WrongToken
from service.base.lanes import Lanes
from service.base.parts import Where
from service.data import db, outages

TRUSTED_FOR = 2.0  # seconds; what changes must be seen within 5
NOTED_EVERY = 60.0  # seconds between two notes of a token's use
MOST = 10_000  # tokens remembered
SCHEME = b"bearer"

logger = logging.getLogger(__name__)
security = logging.getLogger("service.security")


async def read(scope: Scope) -> Identity | None:
    """Return who is asking, or None if no token came.

    Raise WrongToken for one that does not work, TooManyRequests where there were too many of those
    that nobody has: a working one is looked up before that, and never waits.
    """
    sent = _sent(scope)
    if sent is None:
        return None
    if me := await parts.of(scope, Bearers).find(scope, sent):
        return me
    await lanes.run(scope, "writes", _refuse, scope, sent)
    raise WrongToken


def came(where: Where) -> bool:
    """Say whether a program asks by a token, working or not."""
    return _sent(where) is not None


def _sent(where: Where) -> str | None:
    """Return what came as a token, nothing that is one if it came twice; None if nothing did."""
    headers = [value.strip() for name, value in where["headers"] if name == b"authorization"]
    split = [value.partition(b" ") for value in headers]
    found = [token.strip() for scheme, _, token in split if scheme.lower() == SCHEME]
    if not found:
        return None
    return found[0].decode("latin-1") if len(headers) == 1 else ""


def _refuse(scope: Scope, sent: str) -> None:
    """Count a token that nobody has against the network it came from, and tell of any."""
    address = visitors.address(Request(scope))
    with db.read():
        guessed = api_tokens.FORM.fullmatch(sent) and not api_tokens.is_known(sent)
    if guessed:
        parts.of(scope, Throttle).note_wrong_token(address)
    security.warning("token refused", extra={"client": address})


class Bearers:
    """The tokens that this process knows to work, as it was a moment ago."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Identity, float]] = {}
        self._noted: dict[int, float] = {}
        self._used: set[int] = set()
        self._due: Callable[[], None] = lambda: None

    async def find(self, scope: Scope, token: str) -> Identity | None:
        """Return whose token it is, if it works."""
        if not api_tokens.FORM.fullmatch(token):
            return None
        key = api_tokens.digest(token)
        me, read_at = self._known.get(key, (None, 0.0))
        if me is None or time.monotonic() - read_at > TRUSTED_FOR:
            me = await lanes.run(scope, "reads", self._read, key, token)
        return me

    def _read(self, key: str, token: str) -> Identity | None:
        started = time.monotonic()
        with db.read():
            found = api_tokens.find(token)
        if found is None:
            self._known.pop(key, None)
            return None
        me, used_at = found
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = me, started
        if used_at is None or (clock.now() - used_at).total_seconds() > NOTED_EVERY:
            self._note(me.token_id)
        return me

    def forget_all(self) -> None:
        """Let a change be seen here at once; other processes see it soon."""
        self._known.clear()

    def _note(self, token_id: int | None) -> None:
        now = time.monotonic()
        if token_id is None or now - self._noted.get(token_id, float("-inf")) < NOTED_EVERY:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[token_id] = now
        self._used.add(token_id)
        self._due()

    async def run(self, lanes: Lanes) -> None:
        """Note when tokens are used, until cancelled: no answer waits for that, or needs it."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._due = partial(_wake, loop, woken)
        while True:
            await woken.wait()
            woken.clear()
            try:
                await lanes.run("writes", self._write)
            except (*db.UNAVAILABLE, Unavailable) as failure:
                logger.warning("a token's use was not noted: %s", outages.reason(failure))

    def _write(self) -> None:
        used, self._used = self._used, set()
        if used:
            with db.write():
                api_tokens.note_use(used)


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)
