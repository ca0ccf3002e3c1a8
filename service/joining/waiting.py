"""What tells admins by mail that somebody waits to be let in: once an hour at most, of all."""

import datetime as dt
import hashlib
from functools import partial

from peewee import fn

from service.access import admins, spent
from service.base import clock
from service.data import db
from service.data.tables import User
from service.mail.outbox import Outbox
from service.mail.smtp import Mail

BETWEEN = dt.timedelta(hours=1)
REMEMBERED = dt.timedelta(days=30)  # that somebody was told of
SUBJECT = "Waiting to be let in"
TEXT = """On {board}, {number} to be let in:

{link}

You get this as an admin, at most once an hour.
"""


def tell(outbox: Outbox, board: str, public_url: str) -> None:
    """Mail to each admin with a proved address how many wait, unless that was done of late.

    Whoever came since is told of later. No word of a stranger's is in it.
    """
    with db.write():
        newest = User.select(fn.MAX(User.id)).where(User.pending_at.is_null(False)).scalar()
        if newest is None or spent.is_spent(_digest(f"told of {newest}")):
            return
        now = clock.now()
        first = spent.spend(_digest("told"), now + BETWEEN)
        if first:
            spent.spend(_digest(f"told of {newest}"), now + REMEMBERED)
        number, found = admins.waiting(), _addresses() if first else []
    if not first:
        again = partial(tell, outbox, board, public_url)
        outbox.put(again, after=BETWEEN.total_seconds())
    link = f"{public_url}/admin/people?state=pending"
    words = "1 person waits" if number == 1 else f"{number} people wait"
    text = TEXT.format(board=board, number=words, link=link)
    for address in found:
        outbox.put(partial(Mail, address, SUBJECT, text))


def _addresses() -> list[str]:
    proved = *admins.ABLE, User.email_verified_at.is_null(False)
    return [row.email for row in User.select(User.email).where(*proved) if row.email]


def _digest(what: str) -> str:
    return hashlib.sha256(f"waiting: {what}".encode()).hexdigest()
