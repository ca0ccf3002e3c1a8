"""The terms of an invitation: to which role, how often, how long, and what it is for."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from service.base import characters, numbers
from service.base.errors import Invalid
from service.links import links

MOST_USES = 1000
DAYS, MOST_DAYS = 7, 365


@dataclass(frozen=True)
class Terms:
    role: str = "member"
    uses: int = 1
    days: int = DAYS
    note: str = ""

    @property
    def lifetime(self) -> dt.timedelta:
        return dt.timedelta(days=self.days)


def read(fields: Mapping[str, str]) -> Terms:
    """Return the terms that a form says, the usual ones where it says nothing; raise Invalid."""
    faults: dict[str, str] = {}
    uses = _number(fields, "uses", MOST_USES, Terms.uses, faults)
    days = _number(fields, "days", MOST_DAYS, Terms.days, faults)
    note = " ".join(characters.clean(fields.get("note", "")).split())
    if len(note) > links.MAX_NOTE:
        faults["note"] = f"A note has {links.MAX_NOTE} characters at most; this has {len(note)}."
    if faults:
        raise Invalid(**faults)
    return Terms(fields.get("role") or Terms.role, uses, days, note)


def _number(
    fields: Mapping[str, str], name: str, most: int, usual: int, faults: dict[str, str]
) -> int:
    text = fields.get(name, "").strip()
    number = numbers.of(text) if text else usual
    if number is not None and 1 <= number <= most:
        return number
    faults[name] = f"Enter a number from 1 to {most}."
    return usual
