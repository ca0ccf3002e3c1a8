"""Demo data, for `dev` only: two people to sign in as, and something to read."""

import datetime as dt

from service.access.audit import OPERATOR
from service.access.visible import EVERYONE
from service.accounts import accounts
from service.base import clock
from service.messages import messages, writing
from service.people import people

USERNAME = "user@example.com"
SECOND = "second@example.com"  # so that one person can watch a message arrive
PASSWORD = "12341234"  # noqa: S105, shown on the development sign-in page
TEXTS = (
    (dt.timedelta(days=1), "Welcome. This is a message from yesterday."),
    (
        dt.timedelta(hours=2),
        "Messages keep their line breaks:\n- one\n- two\nand show links: https://htmx.org",
    ),
    (
        dt.timedelta(minutes=4),
        f"Sign in as {SECOND} in a private window, post something there, and watch it arrive here.",
    ),
)


def seed() -> bool:
    """Add the demo's two people to a board that has no users, and messages if it has none.

    Returns whether they can sign in: a board with users of its own is left as it is.
    """
    if accounts.everyone() and not accounts.find(USERNAME):
        return False
    first, _ = [
        accounts.find(name) or accounts.add(name, PASSWORD, any_password=True)
        for name in (USERNAME, SECOND)
    ]
    people.set_role(OPERATOR, first.id, "admin")
    if messages.newest(EVERYONE).messages:
        return True
    for age, text in TEXTS:
        writing.post(first.id, text, timestamp=clock.now() - age)
    return True
