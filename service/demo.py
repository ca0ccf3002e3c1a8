"""Demo data, for `dev` only: three people to sign in as, their rooms, and something to read."""

import datetime as dt
from dataclasses import dataclass

from service.access.audit import OPERATOR
from service.access.visible import EVERYONE, Member
from service.accounts import accounts
from service.base import clock
from service.messages import messages, writing
from service.people import people
from service.pins import pins
from service.reactions import reactions
from service.rooms import making, memberships, rooms
from service.rooms.places import BOARD_PLACE, Place
from service.threads import threads

USERNAME = "user@example.com"
SECOND = "second@example.com"  # so that one person can watch a message arrive
THIRD = "third@example.com"
PEOPLE = {USERNAME: "Ada", SECOND: "Ben", THIRD: "Chris"}
PASSWORD = "12341234"  # noqa: S105, shown on the development sign-in page
# Of the first room, how long ago, and by whom.
TEXTS = (
    (dt.timedelta(days=1), USERNAME, "Welcome. This is a message from yesterday."),
    (dt.timedelta(hours=23), THIRD, "Good to be here. What becomes of the old list?"),
    (dt.timedelta(hours=23), SECOND, "It can rest now: `?` shows all keys."),
    (
        dt.timedelta(hours=2),
        USERNAME,
        "Messages keep their line breaks, know a little **Markdown**:\n- one\n- two\n"
        "and show links: https://htmx.org",
    ),
    (
        dt.timedelta(minutes=4),
        USERNAME,
        f"Sign in as {SECOND} in a private window, post something there, and watch it arrive here.",
    ),
)


@dataclass(frozen=True)
class Scene:
    """A room, and what is said in it: by whom, and what."""

    kind: str
    name: str
    topic: str
    said: tuple[tuple[str, str], ...]


SCENES = (
    Scene(
        "open",
        "Releases",
        "What goes out, and when",
        (
            (SECOND, "0.6 is ready as far as I can see. Who looks at the changelog?"),
            (THIRD, "I do, this afternoon."),
            (SECOND, f"@{USERNAME} the date of the release is yours."),
        ),
    ),
    Scene(
        "open",
        "Lunch",
        "",
        ((THIRD, "Soup or noodles?"), (SECOND, "Noodles."), (USERNAME, "Noodles, at twelve.")),
    ),
    Scene(
        "private",
        "Planning",
        "Nobody else sees this room",
        (
            (USERNAME, "Three things for next week:\n1. search\n2. files\n3. a day off"),
            (SECOND, "> 3. a day off\n\nThat one first."),
        ),
    ),
)
# Of messages in the first room, by their numbers.
PINNED = 4
REACTED = (
    (1, SECOND, "👋"),
    (1, THIRD, "👋"),
    (4, SECOND, "👍"),
    (4, THIRD, "🎉"),
    (4, USERNAME, "👍"),
)
REPLIES = (
    (5, THIRD, "It arrived before I had the window at its place."),
    (5, SECOND, "Here, too. And this is a thread: it stays beside what it is about."),
)
IN_DIRECT = ((SECOND, "Do you have a minute?"), (SECOND, "It can wait until tomorrow."))


def seed() -> bool:
    """Add the demo's people to a board that has no users, and rooms and messages if it has none.

    Returns whether they can sign in: a board with users of its own is left as it is.
    """
    if accounts.everyone() and not accounts.find(USERNAME):
        return False
    ids = {name: _person(name) for name in PEOPLE}
    people.set_role(OPERATOR, ids[USERNAME], "admin")
    if not messages.newest(EVERYONE).messages:
        for age, name, text in TEXTS:
            writing.post(ids[name], text, timestamp=clock.now() - age)
    if len(rooms.mine(Member(ids[SECOND]))) == 1:  # the first one
        for scene in SCENES:
            _play(scene, ids)
        pins.pin(Member(ids[SECOND]), PINNED, BOARD_PLACE.id)
        for number, name, emoji in REACTED:
            reactions.add(Member(ids[name]), number, emoji, BOARD_PLACE.id)
        for number, name, text in REPLIES:
            author = Member(ids[name])
            threads.reply(author, number, writing.draft(author, text))
        direct = making.direct(Member(ids[SECOND]), [ids[USERNAME]])
        _say(direct.place, IN_DIRECT, ids)
    return True


def _person(name: str) -> int:
    found = accounts.find(name)
    if found:
        return found.id
    return accounts.add(name, PASSWORD, any_password=True, display_name=PEOPLE[name]).id


def _play(scene: Scene, ids: dict[str, int]) -> None:
    """Make a room by who speaks first in it, add the others, and let them speak."""
    first = Member(ids[scene.said[0][0]])
    room = making.make(first, OPERATOR, scene.name, scene.kind, scene.topic)
    others = [each for each in ids.values() if each != first.user_id]
    memberships.add(first, OPERATOR, room.place.slug, others)
    _say(room.place, scene.said, ids)


def _say(place: Place, said: tuple[tuple[str, str], ...], ids: dict[str, int]) -> None:
    for name, text in said:
        writing.post(ids[name], text, place=place)
