"""All that is one's own, as a zip of JSON."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.access.identity import Identity
from service.base import zips
from service.base.errors import TooManyRequests
from service.mine import rows
from service.mine.rows import Row

LONGEST = 600.0  # seconds an export may take before its user may begin another


@dataclass(frozen=True)
class File:
    """A file of the zip: what it holds in words, and its rows."""

    name: str
    words: str
    rows: Callable[[Identity], Iterator[Row]]


# A noun that keeps something of people's adds its line.
FILES = (
    File("profile", "your names, e-mail address, role and time zone", rows.profile),
    File("messages", "your messages, with their rooms and times", rows.messages),
    File("rooms", "the rooms and direct messages that you are in", rows.rooms),
    File("reactions", "your reactions, with the messages they are on", rows.reactions),
    File("mentions", "which messages call you", rows.mentions),
    File("pins", "which messages you have pinned", rows.pins),
    File("sessions", "where you are and were signed in of late", rows.sessions),
    File("second_factors", "since when you are asked for a second factor", rows.second_factors),
    File("identities", "the accounts elsewhere that yours is linked with", rows.identities),
    File("passkeys", "the names of your passkeys, and when they were made and used", rows.passkeys),
    File("invitations", "whom you have invited, without the codes", rows.invitations),
    File("tokens", "your programs' tokens, without what they are sent as", rows.tokens),
    File("bots", "the bots that you own", rows.bots),
    File("audit", "what you did to people and options, and others to you", rows.audit),
)


class Exports:
    """Who is being given what is theirs by this process: each user one export at a time."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def begin(self, user_id: int) -> None:
        """Begin one; raise TooManyRequests while another of the user's goes on."""
        left = self._until.get(user_id, 0.0) - time.monotonic()
        if left > 0:
            raise TooManyRequests(
                "An export of yours is on its way already.",
                limit="exports",
                retry_after=math.ceil(left),
            )
        self._until[user_id] = time.monotonic() + LONGEST

    def end(self, user_id: int) -> None:
        self._until.pop(user_id, None)


def stream(me: Identity, exports: Exports) -> Iterator[bytes]:
    """Yield the zip; then the next export may begin."""
    try:
        yield from zips.stream((f"{file.name}.json", _json(file.rows(me))) for file in FILES)
    finally:
        exports.end(me.user_id)


def _json(found: Iterator[Row]) -> Iterator[bytes]:
    """Yield an array of a row per line."""
    before = "[\n"
    for row in found:
        yield (before + json.dumps(row, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"\n]\n" if before == ",\n" else b"[]\n"
