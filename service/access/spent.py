"""What is good once: its hash is kept until it would be refused anyway."""

import datetime as dt

from service.base import clock
from service.data.tables import Spent


def spend(digest: str, until: dt.datetime) -> bool:
    """Say whether something is used for the first time; in the transaction that uses it."""
    Spent.delete().where(Spent.expires_at < clock.now()).execute()
    made = Spent.insert(hash=digest, expires_at=until).on_conflict_ignore().returning(Spent)
    return bool(list(made.execute()))


def is_spent(digest: str) -> bool:
    """Say whether something was used, and is remembered; in a transaction."""
    return Spent.select().where(Spent.hash == digest, Spent.expires_at >= clock.now()).exists()
