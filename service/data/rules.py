"""What every row of a real board keeps to, whatever release and Python wrote it."""

import re
import unicodedata
from typing import Any

from service.base import lookalikes
from service.base.words import name_key

MAX_NAME = 50  # code points, as the next
MAX_TEXT = 4000
# argon2id, with as much memory and work as a sign-in may cost: every release took 19,456 KiB.
HASH = r"\$argon2id\$v=19\$m=(?P<m>\d{1,6}),t=(?P<t>\d{1,2}),p=(?P<p>\d)"
HASH += r"\$[A-Za-z0-9+/]{22,86}\$[A-Za-z0-9+/]{43,86}"
MAX_MEMORY, MAX_PASSES, MAX_LANES = 65_536, 10, 4  # KiB
ZONE = r"[A-Za-z0-9+_/-]+"
MAX_CLIENT_KEY = 64
CLIENT_KEY = rf"[A-Za-z0-9_-]{{1,{MAX_CLIENT_KEY}}}"
DIGEST = r"([0-9a-f]{64})?"
HASHED = r"[0-9a-f]{64}"  # a secret's SHA-256
SLUG = r"[a-z0-9-]{1,32}"  # of a room
EVENT_KIND = r"[a-z][a-z_-]{0,15}"
# Controls, what is not seen, halves of characters, and ends of lines: in no name of any release.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def user(row: dict[str, Any]) -> None:
    """Raise ValueError unless the row is an account that a board could have."""
    _named(row, "username", "username_key")
    found = re.fullmatch(HASH, row["password_hash"])
    most = {"m": MAX_MEMORY, "t": MAX_PASSES, "p": MAX_LANES}
    if not found or any(not 1 <= int(found[part]) <= most[part] for part in most):
        raise ValueError("password_hash is none that a board makes")


def person(row: dict[str, Any]) -> None:
    """Raise ValueError unless the row is somebody that a board could have."""
    user(row)
    if row["display_name"] is not None:
        _named(row, "display_name", "display_key")
    elif row["display_key"] is not None:
        raise ValueError("display_key is there without its name")


def _named(row: dict[str, Any], field: str, key: str) -> None:
    name = row[field]
    if name != unicodedata.normalize("NFC", name.strip()) or not _is_seen(name):
        raise ValueError(f"{field} is none that a board takes")
    # A newer Python may know the case of a letter that this one does not know at all.
    if row[key] != name_key(name) and _is_known(name):
        raise ValueError(f"{key} is another name's")


def message(row: dict[str, Any]) -> None:
    """Raise ValueError unless the row is a message that a board could have."""
    if "\r" in row["text"]:
        raise ValueError("text has a line end that a board takes for another")
    if bool(row["text"]) == bool(row["deleted_at"]):
        raise ValueError("text is there if and only if it was not deleted")
    if row.get("removed_at") and not row["deleted_at"]:
        raise ValueError("removed_at is there without deleted_at")


def event(row: dict[str, Any]) -> None:
    """Raise ValueError unless the row says what it is about."""
    if row["subject"] is None and row["message_id"] is None:
        raise ValueError("subject is missing")


def _is_seen(name: str) -> bool:
    return all(
        lookalikes.joins(name, place)
        if each in lookalikes.JOINERS
        else each == " " or (unicodedata.category(each) not in HIDDEN and not each.isspace())
        for place, each in enumerate(name)
    )


def _is_known(name: str) -> bool:
    return all(unicodedata.category(each) != "Cn" for each in name)
