"""Second factors: who has which, beside the password."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from service.access import recovery
from service.data import db
from service.data.tables import Passkey, RecoveryCode, SecondFactor

FEW = 3  # recovery codes left, of which their user is told


@dataclass(frozen=True)
class State:
    """What a user has beside the password."""

    set_up_at: dt.datetime | None = None  # their app; None: none
    codes_left: int = 0
    passkeys: int = 0

    @property
    def any(self) -> bool:
        return self.set_up_at is not None or self.passkeys > 0

    @property
    def runs_out(self) -> bool:
        """Whether so few recovery codes are left that new ones are due."""
        return self.set_up_at is not None and self.codes_left <= FEW


def state(user_id: int) -> State:
    """Return what a user has."""
    with db.read():
        row = SecondFactor.get_or_none(_app(user_id))
        codes = RecoveryCode.select().where(*unused_codes(user_id)).count()
        passkeys = Passkey.select().where(Passkey.user == user_id).count()
    return State(row.set_up_at if row else None, codes, passkeys)


def has_app(user_id: int) -> bool:
    """Say whether a user is asked for codes of an app, on the caller's connection."""
    return SecondFactor.select().where(_app(user_id)).exists()


def has_passkey(user_id: int) -> bool:
    """Say whether a user has a passkey, on the caller's connection."""
    return Passkey.select().where(Passkey.user == user_id).exists()


def who_have_one(users: Collection[int]) -> set[int]:
    """Return which of some users have a second factor, on the caller's connection."""
    apps = SecondFactor.select(SecondFactor.user).where(
        SecondFactor.user << users, SecondFactor.totp_secret.is_null(False)
    )
    keys = Passkey.select(Passkey.user).where(Passkey.user << users)
    return {row.user_id for query in (apps, keys) for row in query}


def has_codes(user_id: int) -> bool:
    """Say whether a user has recovery codes left, on the caller's connection."""
    return RecoveryCode.select().where(*unused_codes(user_id)).exists()


def make_codes(user_id: int) -> list[str]:
    """Return new recovery codes, which are told this once; the ones before die. In a write."""
    codes = recovery.new_codes()
    SecondFactor.insert(user=user_id).on_conflict_ignore().execute()
    RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()
    RecoveryCode.insert_many(
        {"user": user_id, "code_hash": recovery.digest(recovery.normal(code))} for code in codes
    ).execute()
    return codes


def turn_off(user_id: int) -> None:
    """Ask a user for codes no more, nor for recovery codes if nothing is left. In a write."""
    SecondFactor.update(totp_secret=None, totp_step=None, set_up_at=None).where(
        SecondFactor.user == user_id
    ).execute()
    forget_codes(user_id)


def forget_codes(user_id: int) -> None:
    """Take a user's recovery codes away if nothing is left that they stand in for. In a write."""
    if not (has_app(user_id) or has_passkey(user_id)):
        # In the order in which a code is used up, so that neither waits for the other.
        SecondFactor.delete().where(SecondFactor.user == user_id).execute()
        RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()


def remove_all(user_id: int) -> None:
    """Take away whatever a user has beside the password, passkeys too. In a write."""
    Passkey.delete().where(Passkey.user == user_id).execute()
    turn_off(user_id)


def unused_codes(user_id: int) -> tuple[object, ...]:
    """Return what tells a user's recovery codes that are still good."""
    return RecoveryCode.user == user_id, RecoveryCode.used_at.is_null()


def _app(user_id: int) -> object:
    return (SecondFactor.user == user_id) & SecondFactor.totp_secret.is_null(False)
