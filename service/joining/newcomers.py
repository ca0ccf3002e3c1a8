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
    "display_name": (False, "What others see in place of the username; 1-50 characters"),
}


@dataclass(frozen=True)
class Newcomer:
    """Names that may be a new user's, a password's hash, and a time zone perhaps."""

    username: str
    password_hash: str
    zone: str
    display_name: str | None = None


async def read(fields: Fields, board: str, email: str = "") -> Newcomer:
    """Return who wants to join, as the form says; raise Invalid.

    `board` is the board's own name, which nobody else can have, `email` an address that is proved.
    """
    name, shown = await run_sync(_checked, fields, board, email or fields["email"])
    password_hash = await tokens.hash_password_in_turn(fields["password"])
    return Newcomer(name, password_hash, fields["user_timezone"], shown)


def _checked(fields: Fields, board: str, email: str) -> tuple[str, str | None]:
    """Return the names as they are stored; raise Invalid with all that is wrong."""
    faults: dict[str, str] = {}
    cleaned: dict[names.Field, str] = {"username": fields["username"]}
    if fields["display_name"].strip():
        cleaned["display_name"] = fields["display_name"]
    for field, name in cleaned.items():
        try:
            cleaned[field] = names.clean(name, board, field)
        except Invalid as failure:
            faults |= failure.fields
    if fault := passwords.fault(fields["password"], (*cleaned.values(), board, *email.split("@"))):
        faults["password"] = fault
    if faults:
        raise Invalid(**faults)
    return cleaned["username"], cleaned.get("display_name")


def choose_another(taken: Conflict) -> Invalid:
    """Return what is wrong with a name that somebody has, for the form to say."""
    return Invalid(username=f"{taken.message} Choose another name.")
