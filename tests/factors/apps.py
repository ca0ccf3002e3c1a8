"""An authenticator app as the tests have one, and signing in with it."""

import httpx2
from pyotp import TOTP

from service.accounts import accounts
from service.base import clock
from service.data import db
from service.data.tables import Passkey
from tests.people import PROGRAM, Person, log_in


class App:
    """Shows the codes of a secret."""

    def __init__(self, secret: str) -> None:
        self._codes = TOTP(secret)

    def code(self, by: int = 0) -> str:
        """Return the code of now, or of as many steps later."""
        return self._codes.generate_otp(int(clock.now().timestamp()) // 30 + by)


def offered(person: Person) -> dict[str, str]:
    """Return what somebody can set up."""
    return person.get("/account/second?another=yes", headers=PROGRAM).json()["offer"]


def set_up(person: Person) -> tuple[App, list[str]]:
    """Set an app up, which uses the code of now, and return it with the recovery codes."""
    offer = offered(person)
    app = App(offer["secret"])
    answer = person.post(
        "/api/account/second", json={"sealed": offer["sealed"], "code": app.code()}
    )
    assert answer.status_code == 200, answer.text
    return app, answer.json()["recovery_codes"]


def second(person: Person, code: str, **headers: str) -> httpx2.Response:
    """Send a code as a program does."""
    return person.post("/api/second", json={"code": code}, headers=headers)


def both(person: Person, name: str, code: str) -> httpx2.Response:
    """Sign in with the password and a code."""
    assert log_in(person, name).status_code == 401
    return second(person, code)


def give_passkey(name: str) -> None:
    """Let somebody have a passkey, as far as it matters that there is one."""
    account = accounts.find(name)
    assert account
    with db.write():
        Passkey.insert(
            user=account.id,
            id_hash="0" * 64,
            credential="x",
            user_handle="x",
            name="A key",
            rp_id="board.test",
            sign_count=0,
            backed_up=False,
            created_at=clock.now(),
        ).execute()
