"""Demo data, for `dev` only: a user to sign in as and something to read."""

import datetime as dt

from service import accounts, clock, messages

USERNAME = "user@example.com"
PASSWORD = "12341234"  # noqa: S105, shown on the development sign-in page
TEXTS = (
    (dt.timedelta(days=1, hours=3), "Welcome. This is a message from yesterday."),
    (
        dt.timedelta(hours=2),
        "Messages keep their line breaks:\n- one\n- two\nand show links: https://htmx.org",
    ),
    (
        dt.timedelta(minutes=4),
        "Open this page in a second window, post something, and watch it arrive.",
    ),
)


def seed() -> None:
    """Add the demo user, and three messages if the board is empty."""
    user = accounts.find(USERNAME) or accounts.add(USERNAME, PASSWORD)
    if messages.page().messages:
        return
    for age, text in TEXTS:
        messages.post(user.id, text, timestamp=clock.now() - age)
