"""What people are mailed by those who look after them."""

from service.accounts.accounts import Account
from service.mail.smtp import Mail

SUBJECT = "You are let in"
LET_IN = """You are let in on {board}. Sign in as {name}:

{url}
"""


def let_in(board: str, url: str, account: Account) -> Mail | None:
    """Return what tells somebody that they are let in, and their name, if they named an address."""
    if account.email is None:
        return None
    return Mail(account.email, SUBJECT, LET_IN.format(board=board, name=account.username, url=url))
