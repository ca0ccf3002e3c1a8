"""The terms of a token: what it is called, what it is for, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.access.roles import SCOPES, Action
from service.base import characters, numbers
from service.base.errors import Invalid

MAX_NAME = 50  # characters
DAYS, MOST_DAYS = 90, 365


@dataclass(frozen=True)
class Terms:
    name: str
    scopes: tuple[Action, ...]
    days: int = DAYS


def read(fields: Mapping[str, str]) -> Terms:
    """Return the terms that a form or a command says; raise Invalid."""
    faults: dict[str, str] = {}
    name = " ".join(characters.clean(fields.get("name", "")).split())
    if not 1 <= len(name) <= MAX_NAME:
        faults["name"] = f"Say what it is for, in 1 to {MAX_NAME} characters."
    asked = set(fields.get("scopes", "").replace(",", " ").split())
    if not asked or not asked <= set(SCOPES):
        faults["scopes"] = f"Choose one or several of these: {', '.join(SCOPES)}."
    days = numbers.of(fields.get("days", "").strip() or str(DAYS))
    if days is None or not 1 <= days <= MOST_DAYS:
        faults["days"] = f"Enter a number from 1 to {MOST_DAYS}."
    if faults or days is None:
        raise Invalid(**faults)
    return Terms(name, tuple(scope for scope in SCOPES if scope in asked), days)
