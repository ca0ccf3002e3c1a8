"""What pages look like to somebody: the theme, the hours of clocks, the order of messages."""

from collections.abc import Mapping
from typing import Any

from service.access import standing
from service.access.identity import Identity
from service.base.errors import Invalid
from service.data import db
from service.data.tables import User

# What each can be, as it is sent and as it is kept.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "theme": {"system": "system", "light": "light", "dark": "dark"},
    "hours": {"board": "", "12": "12", "24": "24"},
    "order": {"oldest": False, "newest": True},
}
COLUMNS = {"theme": "theme", "hours": "hours", "order": "newest_first"}


def change(me: Identity, wanted: Mapping[str, str]) -> None:
    """Change what is named of CHOICES, and leave the rest; raise Invalid for what can't be."""
    faults = {
        name: f"Choose one of: {', '.join(CHOICES[name])}."
        for name, value in wanted.items()
        if value not in CHOICES[name]
    }
    if faults:
        raise Invalid(**faults)
    values = {COLUMNS[name]: CHOICES[name][value] for name, value in wanted.items()}
    with db.write():
        standing.require(me, "account")
        if values:
            User.update(**values).where(User.id == me.user_id).execute()
