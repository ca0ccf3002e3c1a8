"""The first admin of an empty board, made in the browser."""

from service.access import audit
from service.access.audit import Actor, Someone
from service.accounts import accounts, founding
from service.accounts.accounts import Account
from service.base import clock
from service.data import db
from service.joining.newcomers import Newcomer


def found(newcomer: Newcomer, address: str) -> Account:
    """Make the first admin; raise Founded if there is a user already."""
    with db.write():
        founding.claim()
        account = accounts.insert(
            newcomer.username,
            newcomer.password_hash,
            zone=clock.known_zone(newcomer.zone),
            display_name=newcomer.display_name,
            role="admin",
        )
        who = Someone(account.id, account.username)
        audit.note(Actor(who, address), "user.added", who, role="admin", way="setup")
    return account
