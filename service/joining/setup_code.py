"""The code with which the first admin of an empty board is made: the log shows it at the start."""

import hmac

from service.accounts.founding import Founding
from service.base import probe
from service.base.config import Settings
from service.base.errors import Invalid
from service.data import db, events

PATH = "/setup"
LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that looks like a digit or another one
LENGTH, GROUP = 12, 4  # letters; some 54 bits


def code(secret_key: str) -> str:
    """Return what proves that one runs this board, such as wdkf-hmqp-xtzr.

    It is the same in every process and after a restart, and worth nothing on a board with a user.
    """
    with db.read():
        epoch = events.newest().epoch
    digest = hmac.digest(secret_key.encode(), f"setup\0{epoch}".encode(), "sha256")
    number, letters = int.from_bytes(digest), ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def place(settings: Settings) -> str | None:
    """Return where the first admin is made, None once there is a user."""
    if not Founding().is_due():
        return None
    return f"{settings.public_url or probe.origin(settings.host, settings.port)}{PATH}"


def check(typed: str, secret_key: str) -> None:
    """Raise Invalid unless that is the code, however it is written."""
    if not hmac.compare_digest(_letters(typed), _letters(code(secret_key))):
        raise Invalid(code="That is not the code. The board's log shows it at every start.")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter in LETTERS)
