"""Names: which may be a new user's, or shown in its place, and who has one that looks the same."""

import re
import unicodedata
from typing import Any, Literal

from service.base import lookalikes
from service.base.errors import Invalid
from service.base.words import name_key
from service.data import db, rules
from service.data.tables import User

MAX_USERNAME = rules.MAX_NAME  # characters
MAX_KEY = 200  # of a name as it is compared: some letters are then written with several
BLANKS = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
GONE = "deleted-"  # begins the names of those who were deleted
RESERVED = ("Board", "System")  # what the board itself may be called; and the name it was given
OPERATOR = "operator"  # who does, in the audit log, what a command has done
Field = Literal["username", "display_name"]
CALLED: dict[Field, str] = {"username": "A username", "display_name": "A name"}
NAMING = 7_206_252  # any number that no other program on the same PostgreSQL takes
# What holds a name, and what it looks like.
COLUMNS = ((User.username, User.name_skeleton), (User.display_name, User.display_skeleton))


def clean(name: str, board: str = "", field: Field = "username") -> str:
    """Return a name as it is stored; raise Invalid, of the field, if it is none for a person.

    `board` is the board's own name.
    """
    name = unicodedata.normalize("NFC", BLANKS.sub(" ", name).strip())
    if fault := _fault(name):
        raise Invalid(**{field: f"{CALLED[field]} {fault}"})
    looks = lookalikes.skeleton(name)
    for reserved in (*RESERVED, board):
        if looks == lookalikes.skeleton(reserved):
            raise Invalid(**{field: f"{reserved} is the board's own name. Choose another."})
    if looks == lookalikes.skeleton(OPERATOR):
        so = f"In the audit log, whoever runs the board is called {OPERATOR}. Choose another."
        raise Invalid(**{field: so})
    if looks.startswith(lookalikes.skeleton(GONE)):
        gone = f"{GONE} begins the names of those who were deleted. Choose another."
        raise Invalid(**{field: gone})
    return name


def of_the_deleted(user_id: int) -> str:
    """Return the name that a deleted user goes on with; in a transaction."""
    name = f"{GONE}{user_id}"
    while alike(name):  # an older release let somebody have it
        name += "-"
    return name


def _fault(name: str) -> str | None:
    if not 1 <= len(name) <= MAX_USERNAME or len(name_key(name)) > MAX_KEY:
        return f"has 1 to {MAX_USERNAME} characters."
    if lookalikes.hides_something(name) or not lookalikes.skeleton(name):
        return "has visible characters only."
    if lookalikes.stacks_marks(name):
        return f"begins with no mark, and has {lookalikes.MAX_MARKS} on a letter at most."
    if scripts := lookalikes.mixed_scripts(name):
        mixed = f"{', '.join(scripts[:-1])} and {scripts[-1]}"
        return f"does not mix {mixed} letters: some look the same."
    return None


def hold() -> None:
    """Let nobody else name anybody until this transaction ends: no index knows of all names.

    Called before the locks of users' rows.
    """
    db.alone(NAMING)


def alike(name: str, but: int = 0) -> str | None:
    """Return the name, their own or the one they show, of who has one that is or looks the same.

    Called in the transaction that names somebody so; if that locks users' rows, it has called
    `hold` before. `but` is the id of who may have it themselves.
    """
    hold()
    catch_up()
    key, looks = name_key(name), lookalikes.skeleton(name)
    own = (User.username_key == key) | (User.name_skeleton == looks)
    shown = (User.display_key == key) | (User.display_skeleton == looks)
    for names, same in ((User.username, own), (User.display_name, shown)):
        found: Any = User.select(names).where(same, User.id != but).limit(1).tuples()
        for (theirs,) in found:
            return theirs
    return None


def taken(name: str) -> Invalid:
    """Return what is wrong with a name to be shown that looks like somebody's."""
    return Invalid(
        display_name=f"{name} is somebody else, and that looks the same. Choose another."
    )


def shown_as(name: str | None) -> dict[str, str | None]:
    """Return the columns of a clean name that others see, or of none."""
    looks = name and lookalikes.skeleton(name)
    return {
        "display_name": name,
        "display_key": name and name_key(name),
        "display_skeleton": looks,
    }


def look_alikes() -> tuple[int, list[list[str]]]:
    """Return how many names there are, and those that look the same, together; in a transaction."""
    found: dict[str, list[str]] = {}
    everyone = User.select(User.username).order_by(User.id)
    for row in everyone:
        found.setdefault(lookalikes.skeleton(row.username), []).append(row.username)
    return len(everyone), [group for group in found.values() if len(group) > 1]


def catch_up() -> None:
    """Note what each name looks like that an older release or a backup brought; as above.

    The second of two that look alike goes on without.
    """
    for named, looking in COLUMNS:
        unnoted = looking.is_null() & named.is_null(False)
        missing: Any = User.select(User.id, named).where(unnoted).order_by(User.id).tuples()
        if found := list(missing):
            _note(looking, found)


def _note(looking: Any, missing: list[tuple[int, str]]) -> None:
    noted: Any = User.select(looking).where(looking.is_null(False)).tuples()
    seen = {"", *(looks for (looks,) in noted)}
    for user_id, name in missing:
        looks = lookalikes.skeleton(name)
        if looks not in seen:
            User.update({looking: looks}).where(User.id == user_id).execute()
        seen.add(looks)
