"""All that Charlie gets is the same, whatever Alice and Bob say where he is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BOTH, fresh_copy
from tests.people import Person
from tests.rooms import script
from tests.rooms.masked import Masked, first_difference
from tests.rooms.worlds import served, silence, talk
from tests.streams import frames

ROUNDS = 3


def ask(charlie: Person, between: Iterator[None], masked: Masked) -> None:
    """Note what Charlie is answered to all he does, while others do what they do."""
    names = script.NAMED | {"secret": script.SECRET, "direct": script.DIRECT}
    names |= script.cursors(charlie)
    for (address, sent), callers in script.steps(charlie):
        next(between)
        for answer in script.answers(charlie, address.format(**names), sent, callers):
            masked.take(address, answer)


def follow(charlie: Person, between: Iterator[None], masked: Masked, start: str) -> None:
    """Note what his open pages are told: all since `start`, and what he writes now."""
    with (
        charlie.stream("GET", "/api/events", params={"after": start}) as late,
        charlie.stream("GET", "/api/events", params={"after": script.here(charlie)}) as early,
    ):
        told = [(masked.headers(each), frames(each.iter_lines())) for each in (early, late)]
        for number in range(ROUNDS):
            next(between)
            charlie.post("/api/message", json={"message": f"For all {number}"})
            next(between)
        for headers, found in told:
            masked.seen.append(headers)
            while True:
                frame = next(found)
                if frame.event == "ping":  # the machine is slow
                    continue
                masked.seen.append((masked.text(frame.id), frame.event, masked.text(frame.data)))
                if frame.text == f"For all {ROUNDS - 1}":
                    break


@pytest.mark.parametrize("kind", BOTH)
def test_all_that_a_stranger_is_sent_is_the_same_in_both_worlds(
    kind: str, migrated: dict[str, str], postgres: str, tmp_path: Path
) -> None:
    found = []
    for name, others in (("silent", silence), ("talking", talk)):
        (tmp_path / name).mkdir()
        with (
            fresh_copy(migrated[kind], postgres, tmp_path / name) as url,
            served(url, tmp_path / name) as charlie,
        ):
            masked, between = Masked(str(charlie.base_url)), others()
            start = script.here(charlie)
            ask(charlie, between, masked)
            follow(charlie, between, masked, start)
            found.append(masked.seen)
    for silent, talking in zip(*found, strict=True):
        assert silent == talking, first_difference(silent, talking)
