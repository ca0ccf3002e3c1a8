"""Newcomers: what somebody chooses who is to have an account."""

from dataclasses import dataclass

from anyio.to_thread import run_sync

from service.access import names, tokens
from service.base import passwords
from service.base.errors import Conflict, Invalid
from service.web.forms import Described, Fields

FIELDS: dict[str, Described] = {
    "username": (True, "1-50 characters, compared without case"),
    "password": (True, "8-100 characters, hard to guess"),
    "user_timezone": (False, "A zone's name, such as Europe/Berlin; else UTC"),
}


@dataclass(frozen=True)
class Newcomer:
    """A name that may be a new user's, a password's hash, and a time zone perhaps."""

    username: str
    password_hash: str
    zone: str


async def read(fields: Fields, board: str) -> Newcomer:
    """Return who wants to join, as the form says; raise Invalid.

    `board` is the board's own name, which nobody else can have.
    """
    name = await run_sync(_checked, fields, board)
    password_hash = await tokens.hash_password_in_turn(fields["password"])
    return Newcomer(name, password_hash, fields["user_timezone"])


def _checked(fields: Fields, board: str) -> str:
    """Return the name as it is stored; raise Invalid with all that is wrong."""
    faults: dict[str, str] = {}
    name = fields["username"]
    try:
        name = names.clean(name, board)
    except Invalid as failure:
        faults = failure.fields
    if fault := passwords.fault(fields["password"], (name, board)):
        faults = {**faults, "password": fault}
    if faults:
        raise Invalid(**faults)
    return name


def choose_another(taken: Conflict) -> Invalid:
    """Return what is wrong with a name that somebody has, for the form to say."""
    return Invalid(username=f"{taken.message} Choose another name.")
