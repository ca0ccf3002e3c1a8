"""Codes as a second factor: those of an app, and recovery codes, as they are set up and checked.

Only who has the password, or a session, can try one: so failures count per user, in the database.
Some wrong codes in a row lock it for a minute, each more for twice as long. Recovery codes can't be
guessed, and work meanwhile: nobody is kept from their own account.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.access import audit, recovery, second, totp
from service.access.audit import Actor
from service.access.failures import SKEW, seconds_until
from service.access.throttle import in_words
from service.base import clock
from service.base.errors import BoardError, Invalid, TooManyRequests
from service.base.sealing import Seals
from service.data import db
from service.data.tables import RecoveryCode, SecondFactor

Way = Literal["code", "recovery code"]
IN_A_ROW = 5  # wrong codes until it is locked
SHORTEST, LONGEST = dt.timedelta(minutes=1), dt.timedelta(hours=1)  # of a lock
MOST_DOUBLED = 6  # times, until it is the longest
TO_SET_UP = dt.timedelta(minutes=10)
OF_APP = "Type the six digits that your app shows."
NO_CODE = "Type the six digits that your app shows, or a recovery code."
WRONG = "That code is wrong. Look whether the clock of your device is right."
USED = "That code was used already. Wait for the next one."
UNREADABLE = (
    "The board can't check codes of your app any more: its secret key was replaced. Use a recovery "
    "code and set the app up anew, or ask an admin to reset your second factor."
)
TOO_LATE = "That took longer than 10 minutes. Scan the new picture, then type the code."
security = logging.getLogger("service.security")


@dataclass(frozen=True)
class Offer:
    """A secret for an app, which is stored once a code of it has come."""

    secret: str
    address: str  # otpauth://…
    sealed: str  # what brings it back


class SecondCodes:
    """Sets up and checks codes; secrets are kept sealed under the board's keys."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._kept = Seals(secret_keys, "second factor")
        self._offered = Seals(secret_keys, "second factor to set up")

    def offer(self, user_id: int, name: str, board: str, sealed: str = "") -> Offer:
        """Return a new secret, or the one that was sealed for the user a moment ago."""
        secret = self._opened(user_id, sealed)
        if secret is None:
            secret = totp.new_secret()
            until = (clock.now() + TO_SET_UP).timestamp()
            sealed = self._offered.seal({"user": user_id, "secret": secret, "until": until})
        return Offer(secret, totp.address(secret, name, board), sealed)

    def set_up(self, by: Actor, user_id: int, sealed: str, typed: str) -> list[str]:
        """Keep an offered secret of which a code has come; return recovery codes if none are left.

        Raise Invalid. In a write that has locked the user's row.
        """
        secret, code = self._opened(user_id, sealed), recovery.normal(typed)
        if secret is None:
            raise Invalid(code=TOO_LATE)
        step = totp.step_of(secret, code) if _is_of_app(code) else None
        if step is None:
            raise Invalid(code=WRONG if _is_of_app(code) else OF_APP)
        self._keep(user_id, secret, step)
        audit.note(by, "second.on")
        return [] if second.has_codes(user_id) else second.make_codes(user_id)

    def _keep(self, user_id: int, secret: str, step: int) -> None:
        row = SecondFactor.get_or_none(SecondFactor.user == user_id)
        if row and row.totp_step is not None and row.totp_step >= step:
            raise Invalid(code=USED)  # the same form, sent again
        SecondFactor.insert(user=user_id).on_conflict_ignore().execute()
        _write(
            user_id,
            totp_secret=self._sealed(user_id, secret),
            totp_step=step,
            set_up_at=clock.now(),
            failures=0,
            locked_until=None,
        )

    def prove(self, by: Actor, typed: str) -> Way:
        """Return in which way a code that was typed proves who somebody is, and use it up.

        Raise Invalid, or TooManyRequests. What is wrong is counted, so never in a transaction of
        another.
        """
        assert by.who.id is not None  # noqa: S101, an operator has no second factor
        code = recovery.normal(typed)
        if not _is_of_app(code) and len(code) != recovery.LENGTH:
            raise Invalid(code=NO_CODE)
        with db.write():
            found = self._tried(by, by.who.id, code)
        if isinstance(found, BoardError):
            told = {"username": by.who.name, "user_id": by.who.id, "client": by.address}
            security.warning("second factor refused", extra=told | {"status": found.status})
            raise found
        return found

    def _tried(self, by: Actor, user_id: int, code: str) -> Way | BoardError:
        row = db.locked(SecondFactor.select().where(SecondFactor.user == user_id)).get_or_none()
        if row is None:
            return Invalid(code=NO_CODE)
        if _use_up(by, user_id, code):
            _write(user_id, failures=0, locked_until=None)
            return "recovery code"
        if row.locked_until and clock.now() < row.locked_until <= clock.now() + LONGEST + SKEW:
            return _locked(row.locked_until)
        return self._app_tried(by, row, code)

    def _app_tried(self, by: Actor, row: SecondFactor, code: str) -> Way | BoardError:
        if row.totp_secret is None or not _is_of_app(code):
            return _failed(by, row, WRONG)
        kept = self._kept.open(row.totp_secret)
        if kept is None or kept["user"] != row.user_id:
            return Invalid(code=UNREADABLE)
        step = totp.step_of(kept["secret"], code)
        if step is None or step <= (row.totp_step or 0):
            return _failed(by, row, WRONG if step is None else USED)
        # Sealed anew: an older key may be taken away some day.
        sealed = self._sealed(row.user_id, kept["secret"])
        _write(row.user_id, totp_secret=sealed, totp_step=step, failures=0, locked_until=None)
        return "code"

    def _opened(self, user_id: int, sealed: str) -> str | None:
        offered = self._offered.open(sealed) if sealed else None
        if not offered or offered["user"] != user_id:
            return None
        return offered["secret"] if clock.now().timestamp() < offered["until"] else None

    def _sealed(self, user_id: int, secret: str) -> str:
        return self._kept.seal({"user": user_id, "secret": secret})


def _is_of_app(code: str) -> bool:
    return len(code) == totp.DIGITS and code.isascii() and code.isdigit()


def _use_up(by: Actor, user_id: int, code: str) -> bool:
    """Use up a recovery code, and say whether it was one."""
    if len(code) != recovery.LENGTH:
        return False
    mine = *second.unused_codes(user_id), RecoveryCode.code_hash == recovery.digest(code)
    if not RecoveryCode.update(used_at=clock.now()).where(*mine).execute():
        return False
    left = RecoveryCode.select().where(*second.unused_codes(user_id)).count()
    audit.note(by, "second.recovered", left=left)
    return True


def _failed(by: Actor, row: SecondFactor, why: str) -> BoardError:
    """Count a wrong code, and lock the second factor if there were too many in a row."""
    failures = row.failures + 1
    if failures < IN_A_ROW:
        _write(row.user_id, failures=failures)
        return Invalid(code=why)
    lock = min(SHORTEST * 2 ** min(failures - IN_A_ROW, MOST_DOUBLED), LONGEST)
    until = clock.now() + lock
    _write(row.user_id, failures=failures, locked_until=until)
    audit.note(by, "second.locked", failures=failures, minutes=int(lock.total_seconds()) // 60)
    return _locked(until)


def _locked(until: dt.datetime) -> TooManyRequests:
    left = seconds_until(until)
    return TooManyRequests(
        f"Too many wrong codes. Try again {in_words(left)}. A recovery code works at once.",
        limit="second_factor",
        retry_after=left,
    )


def _write(user_id: int, **values: object) -> None:
    SecondFactor.update(**values).where(SecondFactor.user == user_id).execute()
