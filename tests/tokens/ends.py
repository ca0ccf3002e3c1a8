"""What ends a token, by name."""

from collections.abc import Callable

from service.access.audit import OPERATOR
from service.accounts.accounts import Account
from service.base import clock
from service.data import db
from service.data.tables import ApiToken, User
from service.people import people
from service.tokens import tokens


def revoke(account: Account) -> None:
    tokens.revoke(OPERATOR, tokens.listed(account.id)[0].id)


def expire(account: Account) -> None:
    with db.write():
        ApiToken.update(expires_at=clock.now()).where(ApiToken.user == account.id).execute()


def make_wait(account: Account) -> None:
    now = clock.now()
    with db.write():
        User.update(pending_at=now, disabled_at=now).where(User.id == account.id).execute()


ENDS: dict[str, Callable[[Account], object]] = {
    "revoked": revoke,
    "expired": expire,
    "waiting": make_wait,
    "disabled": lambda account: people.disable(OPERATOR, account.id),
    "deleted": lambda account: people.delete(OPERATOR, account.id),
}
