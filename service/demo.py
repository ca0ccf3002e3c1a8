"""Demo data, for `dev` only: a user to sign in as and something to read."""

import datetime as dt

from service import accounts, clock, messages

USERNAME = "user@example.com"
PASSWORD = "12341234"  # noqa: S105, shown on the development sign-in page
TEXTS = (
    (dt.timedelta(days=1), "Welcome. This is a message from yesterday."),
    (
        dt.timedelta(hours=2),
        "Messages keep their line breaks:\n- one\n- two\nand show links: https://htmx.org",
    ),
    (
        dt.timedelta(minutes=4),
        "Open this page in a second window, post something, and watch it arrive.",
    ),
)


def seed() -> bool:
    """Add the demo user to a board that has no users, and messages if it has none.

    Returns whether the demo user can sign in: a board with users of its own is left as it is.
    """
    user = accounts.find(USERNAME)
    if user is None and accounts.everyone():
        return False
    user = user or accounts.add(USERNAME, PASSWORD, any_password=True)
    if messages.page().messages:
        return True
    for age, text in TEXTS:
        messages.post(user.id, text, timestamp=clock.now() - age)
    return True
