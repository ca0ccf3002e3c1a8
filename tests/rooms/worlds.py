"""Two worlds: in one Alice and Bob talk where Charlie is not."""

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from service.access.visible import Member
from service.base import clock
from service.data import db, events
from service.messages import writing
from service.pins import pins
from service.reactions import reactions
from service.rooms.places import BOARD_PLACE, Place
from service.threads import threads
from tests.people import PASSWORD, Person, add_person
from tests.rooms import script
from tests.rooms.making import add, change, make, remove, say, user_of
from tests.servers import PROJECT, Server

NOW = clock.now()
LATER = NOW + dt.timedelta(hours=2)
# What Python runs when it starts: nothing that the server sends depends on when it is asked.
STOPPED = f"""
import datetime
from service.base import clock
clock.now = lambda: {NOW!r}
"""


def silence() -> Iterator[None]:
    """Say nothing, as often as anybody wants."""
    while True:
        yield


def talk() -> Iterator[None]:
    """Talk, a little more each time, in a private room and in a direct message."""
    names = "alice", "bob"
    both = make(script.SECRET, *names), make(script.DIRECT, *names, kind="direct")
    alice, bob = (Member(user_of(name)) for name in names)
    change(both[0], name_key=script.SECRET)
    with db.write():  # more than a page can have missed
        for _ in range(events.MAX_REPLAY + 1):
            events.append(both[0].id, "room", both[0].id)
    for number in count():
        place = both[number % 2]
        last = say(place, "alice", f"Our lunch {number}, @charlie").id
        deeds = (
            partial(reactions.add, bob, last, script.THUMB["emoji"], place.id),
            partial(pins.pin, bob, last, place.id),
            partial(_talk_in_a_thread, place, bob, last),
            partial(writing.edit, alice, last, f"Our late lunch {number}", room=place.id),
            partial(writing.delete, alice, last, place.id),
            partial(_come_and_go, both[0], number),
        )
        deeds[number // 2 % len(deeds)]()
        yield


def _talk_in_a_thread(place: Place, by: Member, root: int) -> None:
    said = [threads.reply(by, root, writing.draft(by, text, place=place)) for text in "12"]
    writing.delete(by, said[0].id, place.id)


def _come_and_go(place: Place, number: int) -> None:
    change(place, topic=f"Lunch {number}")
    remove(place, "bob")
    add(place, "bob")


@contextmanager
def served(url: str, folder: Path) -> Generator[Person]:
    """Yield Charlie at a real server, on a fresh database with Alice, Bob and a message for all.

    Its clock stands still; whatever the others do here they do later.
    """
    (folder / "sitecustomize.py").write_text(STOPPED)
    found = {"STREAMS_PER_USER": "1000", "PYTHONPATH": f"{folder}:{PROJECT}"}
    server = Server(url, folder / "server.log", found)
    db.open_database(url)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: NOW)
            for name in ("alice", "bob", "charlie"):
                add_person(name)
            say(BOARD_PLACE, "alice", "Hello")
            server.start()
            patch.setattr(clock, "now", lambda: LATER)
            yield server.sign_in("charlie", PASSWORD)
    finally:
        db.close_database()
        server.close()
