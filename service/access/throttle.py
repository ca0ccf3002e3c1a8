"""Throttling of failed sign-ins: strangers are slowed, places where one has signed in before never.

Each attempt counts as a failure from its begin until it has proved right, so a rush can't pass.
"""

import asyncio
import datetime as dt
import math
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from anyio.to_thread import run_sync

from service.access import failures, places, tokens
from service.access.failures import HOUR, Limit, Tally
from service.access.places import Device
from service.base import clock, networks
from service.base.errors import TooManyRequests
from service.base.slots import Slots

MINUTE = dt.timedelta(minutes=1)
PER_PLACE = 5  # failures a minute: a device, or a user's known network
PER_PLACE_AND_HOUR = 30
# Failures of strangers a minute, whatever the names, from a household's network and wider ones.
PER_NETWORK = (5, 10, 20)
PER_NETWORK_IPV4 = (5, 20)
# Strangers' failures at one name in an hour before strangers there have to wait. Then each waits as
# many seconds as there were failures, and is let through: at most so many.
PATIENCE = 10
LONGEST_WAIT = 300  # seconds
TURN = dt.timedelta(minutes=10)  # for so long somebody may come and take their turn

FAILED = {"sign_ins": "failed sign-ins", "codes": "wrong codes", "tokens": "wrong tokens"}
HASH_LINE, HASH_LINE_EACH = 50, 10  # in which the last one waits for a second or two


@dataclass(frozen=True)
class Place:
    """Where an attempt comes from, and what it counts against if it fails."""

    key: str
    limits: tuple[Limit, ...]
    # A stranger's: all strangers' failures at the name, and the turn of this one's network.
    strangers: Limit | None = None
    turn: Limit | None = None
    counted_as: str = "sign_ins"  # one of FAILED

    @property
    def counted(self) -> tuple[Limit, ...]:
        return (*self.limits, *filter(None, (self.strangers, self.turn)))

    @property
    def known(self) -> bool:
        return self.strangers is None


class Attempt:
    """One sign-in under way; whoever finds it right says so."""

    succeeded = False


class Throttle:
    """Tells places apart, counts their failures, and lets a few attempts through at a time."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._hashing = Slots(tokens.HASHED_AT_ONCE, HASH_LINE, HASH_LINE_EACH)
        # Two that begin at once would see each other, and both be refused as one too many.
        self._beginning = asyncio.Lock()

    @asynccontextmanager
    async def attempt(self, place: Place) -> AsyncGenerator[Attempt]:
        """Yield an attempt in its turn; raise TooManyRequests, or Unavailable if too many wait."""
        async with self._hashing.hold(place.key, first=place.known):
            async with self._beginning:
                noted = await run_sync(_begin, place)
            attempt = Attempt()
            yield attempt
            if attempt.succeeded:
                await run_sync(failures.take_back, noted)

    @contextmanager
    def guess(self, address: str, wrong: type[Exception]) -> Generator[None]:
        """Let a stranger tell a code: raising `wrong` counts as a failure of their network.

        Raise TooManyRequests after too many, whatever the code. A rush gets some more through; a
        code has fifty bits and more. No connection is to be held around this.
        """
        place = self._guessing(address)
        _refuse_beyond(place, failures.tallies(place.limits), under_way=1)
        try:
            yield
        except wrong:
            failures.note(place.limits)
            raise

    def note_wrong_token(self, address: str) -> None:
        """Count a token that nobody has against a network; raise TooManyRequests after too many."""
        limits = self._of_networks("token", address)
        place = Place(limits[0].key, limits, counted_as="tokens")
        _refuse_beyond(place, failures.tallies(limits), under_way=1)
        failures.note(limits)

    def place_of_session(self, session_id: str) -> Place:
        """Return the place of somebody who is signed in."""
        return self._known_place("session", session_id)

    def place(
        self,
        name: str,
        address: str,
        user: tuple[int, str] | None,
        device: Device | None,
        *,
        network_known: bool = False,
    ) -> Place:
        """Return where somebody is who signs in with a name, as it is compared.

        `user` is the id and the password's hash of who has that name, if anybody has.
        """
        if user and device and device.is_known(*user):
            return self._known_place("device", device.id)
        if network_known:
            return self._known_place("network", name, networks.tiers(address)[0])
        return self._strangers_place(name, address)

    def remember(self, user_id: int, password_hash: str, address: str) -> None:
        """Let a user's network be known from now on, for as long as the password stays."""
        places.remember_network(user_id, self.network(password_hash, address))

    def network(self, password_hash: str, address: str) -> str:
        """Return what a user's network is known by, as long as the password stays."""
        return self._key("known", password_hash, networks.tiers(address)[0])

    def _known_place(self, *parts: str) -> Place:
        key = self._key(*parts)
        hourly = Limit(self._key("hour", *parts), PER_PLACE_AND_HOUR, HOUR)
        return Place(key, (Limit(key, PER_PLACE, MINUTE), hourly))

    def _strangers_place(self, name: str, address: str) -> Place:
        wait = dt.timedelta(seconds=LONGEST_WAIT)
        strangers = Limit(self._key("strangers", name), PATIENCE, HOUR)
        return Place(
            strangers.key,
            self._of_networks("tier", address),
            strangers,
            Limit(self._key("turn", name, networks.tiers(address)[0]), 1, wait + TURN),
        )

    def _guessing(self, address: str) -> Place:
        limits = self._of_networks("guess", address)
        return Place(limits[0].key, limits, counted_as="codes")

    def _of_networks(self, purpose: str, address: str) -> tuple[Limit, ...]:
        tiers = networks.tiers(address)
        most = PER_NETWORK if len(tiers) == len(PER_NETWORK) else PER_NETWORK_IPV4
        return tuple(
            Limit(self._key(purpose, tier), number, MINUTE)
            for tier, number in zip(tiers, most, strict=False)
        )

    def _key(self, *parts: str) -> str:
        return places.keyed(self._secret, *parts)


def _begin(place: Place) -> list[int]:
    """Note an attempt as a failure; return what takes that back, or raise TooManyRequests."""
    before = failures.tallies(place.counted)
    _refuse_beyond(place, before, under_way=1)
    noted = failures.note((*place.limits, *_slowed_down(place, before)))
    try:
        # Once more: others may have begun at the same moment, in another process too.
        _refuse_beyond(place, failures.tallies(place.limits))
    except TooManyRequests:
        failures.take_back(noted)
        raise
    return noted


def _refuse_beyond(place: Place, tallies: dict[str, Tally], under_way: int = 0) -> None:
    waits = [
        min(failures.seconds_until(tally.until), int(limit.window.total_seconds()))
        for limit in place.limits
        if (tally := tallies[limit.key]).until and tally.count + under_way > limit.most
    ]
    if waits:
        wait = max(waits)
        raise TooManyRequests(
            f"Too many {FAILED[place.counted_as]}. Try again {in_words(wait)}.",
            limit=place.counted_as,
            retry_after=wait,
        )


def _slowed_down(place: Place, tallies: dict[str, Tally]) -> tuple[Limit, ...]:
    """Return what a stranger's attempt counts against too, once it is its turn; or raise."""
    if place.strangers is None or place.turn is None:
        return ()
    failed = tallies[place.strangers.key].count
    if failed >= PATIENCE:
        _take_turn(place, place.turn, tallies[place.turn.key], failed)
    return (place.strangers,) if failed < LONGEST_WAIT else ()  # more would change nothing


def _take_turn(place: Place, limit: Limit, turn: Tally, failed: int) -> None:
    if turn.until is None:
        wait = min(failed, LONGEST_WAIT)
        given = replace(limit, window=dt.timedelta(seconds=wait) + TURN)
        # It counts as a try, or turns would be for the asking.
        failures.note((*place.limits, given))
        raise _not_yet(wait)
    if turn.until - TURN > clock.now():
        raise _not_yet(failures.seconds_until(turn.until - TURN))
    if not failures.use_up(limit.key):
        raise _not_yet(1)  # somebody else of the same network took it just now


def _not_yet(wait: int) -> TooManyRequests:
    return TooManyRequests(
        "Many have failed to sign in with this name. Sign in from a device or network where you "
        f"have done so before, or try again {in_words(wait)}: then it is your turn.",
        limit="sign_ins",
        retry_after=wait,
    )


def in_words(seconds: int) -> str:
    """Return when somebody may try again."""
    if seconds > 90:  # noqa: PLR2004
        return f"in {math.ceil(seconds / 60)} minutes"
    return f"in {seconds} seconds" if seconds > 1 else "in a second"
