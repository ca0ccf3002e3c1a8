"""Names: which may be a new user's, and who has one that looks the same."""

import re
import unicodedata

from service.base import lookalikes
from service.base.errors import Invalid
from service.base.words import name_key
from service.data import rules
from service.data.tables import User

MAX_USERNAME = rules.MAX_NAME  # characters
MAX_KEY = 200  # of a name as it is compared: some letters are then written with several
BLANKS = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
GONE = "deleted-"  # begins the names of those who were deleted
RESERVED = ("Board", "System")  # what the board itself may be called; and the name it was given


def clean(username: str, board: str = "") -> str:
    """Return a name as it is stored; raise Invalid if it is none for a new user.

    `board` is the board's own name.
    """
    name = unicodedata.normalize("NFC", BLANKS.sub(" ", username).strip())
    if fault := _fault(name):
        raise Invalid(username=fault)
    looks = lookalikes.skeleton(name)
    for reserved in (*RESERVED, board):
        if looks == lookalikes.skeleton(reserved):
            raise Invalid(username=f"{reserved} is the board's own name. Choose another.")
    if looks.startswith(lookalikes.skeleton(GONE)):
        raise Invalid(
            username=f"{GONE} begins the names of those who were deleted. Choose another."
        )
    return name


def of_the_deleted(user_id: int) -> str:
    """Return the name that a deleted user goes on with; in a transaction."""
    name = f"{GONE}{user_id}"
    while alike(name):  # an older release let somebody have it
        name += "-"
    return name


def _fault(name: str) -> str | None:
    if not 1 <= len(name) <= MAX_USERNAME or len(name_key(name)) > MAX_KEY:
        return f"A username has 1 to {MAX_USERNAME} characters."
    if lookalikes.hides_something(name) or not lookalikes.skeleton(name):
        return "A username has visible characters only."
    if lookalikes.stacks_marks(name):
        return (
            f"A username begins with no mark, and has {lookalikes.MAX_MARKS} on a letter at most."
        )
    if scripts := lookalikes.mixed_scripts(name):
        mixed = f"{', '.join(scripts[:-1])} and {scripts[-1]}"
        return f"A username does not mix {mixed} letters: some look the same."
    return None


def alike(name: str) -> str | None:
    """Return the name of the user whose name is the same or looks the same; in a transaction."""
    catch_up()
    same = (User.username_key == name_key(name)) | (User.name_skeleton == lookalikes.skeleton(name))
    row = User.select(User.username).where(same).first()
    return row and row.username


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
    missing = list(
        User.select(User.id, User.username).where(User.name_skeleton.is_null()).order_by(User.id)
    )
    if not missing:
        return
    noted = User.select(User.name_skeleton).where(User.name_skeleton.is_null(False))
    seen = {"", *(row.name_skeleton for row in noted)}
    for row in missing:
        looks = lookalikes.skeleton(row.username)
        if looks not in seen:
            User.update(name_skeleton=looks).where(User.id == row.id).execute()
        seen.add(looks)
