"""The ways in which somebody who is signed in can prove again who they are."""

from collections.abc import Callable
from dataclasses import dataclass

from service.access import second, tokens
from service.accounts import accounts
from service.accounts.accounts import Account
from service.data import db


@dataclass(frozen=True)
class Proof:
    """One way: the template that asks for it, and who has it.

    Whoever takes the proof calls `confirmation.confirm`, then goes on to `next`.
    """

    template: str
    has: Callable[[Account], bool]


@dataclass(frozen=True)
class Proofs:
    """All ways there are; who has none of them can sign in again, which proves it too."""

    ways: tuple[Proof, ...]

    def without(self, proof: Proof) -> "Proofs":
        """Return all but one of them."""
        return Proofs(tuple(way for way in self.ways if way is not proof))

    def templates(self, user_id: int) -> list[str]:
        """Return what asks a user for the ways they have."""
        account = accounts.get(user_id)
        return [way.template for way in self.ways if way.has(account)]


@dataclass(frozen=True)
class SecondSteps(Proofs):
    """The ways in which somebody goes on who has told the right password."""


by_password = Proof(
    "accounts/_by_password.html", lambda account: account.password_hash != tokens.NO_PASSWORD
)


def _has_app(account: Account) -> bool:
    with db.read():
        return second.has_app(account.id)


def _has_codes(account: Account) -> bool:
    with db.read():
        return second.has_app(account.id) or second.has_codes(account.id)


by_code = Proof("accounts/_by_code.html", _has_app)
code_as_step = Proof("accounts/_second_by_code.html", _has_codes)
